"""The class `Network`: its help, and pickles of earlier versions."""

import copy
import inspect
import pickle
import pydoc
import re

import localgrad as lg


def test_help_shows_every_method():
    text = pydoc.plain(pydoc.render_doc(lg.Network))
    for name in dir(lg.Network([1, 1])):
        if not name.startswith("_") and name != "history":
            assert re.search(rf"^ \|  {name}(\(self|$)", text, re.MULTILINE), name
            assert inspect.getdoc(getattr(lg.Network, name)), name


def test_pickles_of_earlier_versions_can_be_read():
    net = lg.Network([2, 3, 1], seed=1)
    state = net.__getstate__()
    assert {"_network", "_cost_function", "history"} <= set(state)
    assert "_core_model" not in state
    del state["_initial"]  # earlier versions had it only if `init` contained arrays
    other = lg.Network.__new__(lg.Network)
    other.__setstate__(state)
    assert (other.parameters == net.parameters).all()
    assert other.reset().epochs == 0


class Named(lg.Network):
    def __init__(self, *args, **options):
        self._model = "before"
        super().__init__(*args, **options)
        self._partial, self._seed = 1, 2


def test_a_subclass_may_use_common_attribute_names():
    net = Named([2, 1], seed=0)
    net.fit([[0.0, 1.0]], [1.0])
    for twin in (net, copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert (twin._model, twin._partial, twin._seed) == ("before", 1, 2)
        assert twin.predict([1.0, 2.0]) == net.predict([1.0, 2.0])
