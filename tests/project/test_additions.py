"""An optimizer and an activation are added to a copy of the sources, following CONTRIBUTING.md."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILT = ("CMakeLists.txt", "LICENSE", "README.md", "cmake", "cpp", "pyproject.toml", "python")

OPTIMIZER = """#pragma once

namespace localgrad {

/// The sign of the velocity v:
///
///     v <- momentum v + g        w <- w - learning_rate sign(v)
struct Signum {
  double learning_rate = 0.01;
  double momentum = 0.9;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // the rest is for the library itself

#include "functions/update_rule.hpp"

namespace localgrad {

/// State: v.
struct SignumStep : UpdateStep<1> {
  static constexpr const char* kName = "signum";
  template <class N>
  struct Numbers {
    N minus_rate, keep;
  };
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* v) {
    v[0] = S::fma(n.keep, v[0], g);
    return S::fma(n.minus_rate, sign<S>(v[0]), w);
  }
};

template <>
struct UpdateRule<Signum> : CommonRule {
  static constexpr const char* kName = "Signum";
  using Steps = StepList<SignumStep>;
  template <class O, class F>
  static void settings(O& o, const F& f) {
    f("learning_rate", o.learning_rate, Range::at_least_0);
    f("momentum", o.momentum, Range::share);
  }
  template <class T>
  static SignumStep::Numbers<T> numbers(const Signum& o, double factor) {
    return {-static_cast<T>(factor * o.learning_rate), static_cast<T>(o.momentum)};
  }
};

}  // namespace localgrad

#endif
"""

SETTINGS = '''

@settings
class Signum(MiniBatchRule):
    """The sign of the velocity: v ← μv + g, w ← w - η · sign(v)."""

    learning_rate: float = number(0.01, at_least=0.0)
    momentum: float = number(0.9, at_least=0.0, below=1.0)
'''

REFERENCE = '''

@rule
class Signum:
    """The sign of the velocity: v ← μv + g, w ← w - η sign(v)."""

    learning_rate: float = 0.01
    momentum: float = 0.9

    def start(self) -> Step:
        """Return v."""
        return (0.0,)

    def update(self, factor: float, t: int, w: float, g: float, v: float) -> Step:
        """Return w and v."""
        v = self.momentum * v + g
        return w - factor * self.learning_rate * sign(v), v
'''

ACTIVATION = """
/// a = (sqrt(z^2 + 1) - 1) / 2 + z; phi' = z / (2 sqrt(z^2 + 1)) + 1.
template <class S>
struct Bent : ReadsZ {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) {
    const auto one = S::broadcast(1), half = S::broadcast(typename S::T(0.5));
    return S::fma(half, S::sqrt(S::fma(z, z, one)) - one, z);
  }
  static LOCALGRAD_INLINE V derivative(V z, V, V) {
    const auto one = S::broadcast(1), half = S::broadcast(typename S::T(0.5));
    return one + half * z / S::sqrt(S::fma(z, z, one));
  }
};
"""

SECOND = """/// 1 / (2 (z^2 + 1)^(3/2)).
template <class S>
LOCALGRAD_INLINE auto second(Bent<S>, const Unit<S>& u) {
  const auto square = S::fma(u.z, u.z, S::broadcast(1));
  return S::broadcast(typename S::T(0.5)) / (square * S::sqrt(square));
}
"""

ENTRY = " X(bent, Bent, Init::xavier, Parameter(), Span())"

FAMILY = """    "bent": Family(
        lambda: UnitActivation(
            lambda z: (math.sqrt(z * z + 1) - 1) / 2 + z, lambda z, a: z / (2 * math.sqrt(z * z + 1)) + 1
        )
    ),
"""

# For each addition, the files it changes and where each grows: (before, after); "" is the end of the file.
STEPS = {
    "an optimizer": {
        "cpp/include/localgrad/optimizers/signum.hpp": [("", OPTIMIZER)],
        "cpp/include/localgrad/optimizer.hpp": [
            ('/sgd.hpp"\n', '#include "localgrad/optimizers/signum.hpp"\n'),
            ("Rprop, Lion", ", Signum"),
        ],
        "python/localgrad/optimizers/signs.py": [('"Lion", "Rprop"', ', "Signum"'), ("", SETTINGS)],
        "python/localgrad/reference/descent.py": [('"SGD", "Rprop"', ', "Signum"'), ("", REFERENCE)],
    },
    "an activation": {
        "cpp/src/functions/activations.hpp": [("static constexpr bool kNeedsZ = true;\n};\n", ACTIVATION)],
        "cpp/src/functions/list.hpp": [("#define LOCALGRAD_ACTIVATIONS(X)", ENTRY)],
        "cpp/src/functions/second_derivatives.hpp": [("/// phi''(z).\n", SECOND)],
        "python/localgrad/reference/activations.py": [("Family[Activation]] = {\n", FAMILY)],
        "python/localgrad/reference/curvature.py": [
            (
                '    "tanh": lambda: tanh_second,\n',
                '    "bent": lambda: lambda z: 0.5 * (z * z + 1) ** -1.5,\n',
            )
        ],
        "python/localgrad/network.py": [("- ``identity``", ", ``bent`` (√(z² + 1) - 1)/2 + z")],
    },
}

# Trains with the additions, in the core and in the reference.
TRAINS = """
import pickle, tempfile
import localgrad as lg, numpy as np
from localgrad import reference

assert "Signum" in lg.__all__ and "bent" in lg._core.names()["activations"]
draw = np.random.default_rng(1)
x, y = draw.normal(size=(50, 4)), draw.normal(size=(50, 2))
options = dict(activation="bent", seed=3)
core = lg.Network([4, 9, 2], dtype="float64", **options)
model = reference.Network([4, 9, 2], **options)
def differ(ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert np.abs(ours - theirs).max() <= 1e-12 * np.abs(theirs).max()
trace, other = core.backprop(x, y), model.backprop(x.tolist(), y.tolist())
differ(trace.gradient, other.gradient)
v = draw.normal(size=core.num_parameters)
differ(core.hessian_product(x, y, v), model.hessian_product(x.tolist(), y.tolist(), v.tolist()))
rule = lg.Signum(0.004, momentum=0.8)
assert pickle.loads(pickle.dumps(rule)) == rule != lg.Signum()
path = tempfile.mkdtemp() + "/run.safetensors"
core.fit(x, y, epochs=3, batch_size=8, optimizer=rule, callbacks=[lg.callbacks.Checkpoint(path)])
model.fit(x.tolist(), y.tolist(), epochs=3, batch_size=8, optimizer=reference.Signum(0.004, momentum=0.8))
differ(core.parameters, model.parameters)
for bad in ({"momentum": 1}, {"learning_rate": -1}):
    try:
        lg.Signum(**bad)
    except ValueError:
        continue
    raise AssertionError(bad)
again, whole = lg.load(path), lg.Network([4, 9, 2], dtype="float64", **options)
again.fit(x, y, epochs=5, batch_size=8, optimizer=rule, resume=path)
whole.fit(x, y, epochs=5, batch_size=8, optimizer=rule)
assert again.parameters.tobytes() == whole.parameters.tobytes()
print("trained")
"""


def add(root, steps):
    """Apply the steps of one addition to the copy."""
    for name, growth in steps.items():
        path = root / name
        text = path.read_text() if path.exists() else ""
        for before, more in growth:
            assert before == "" or text.count(before) == 1
            text = text.replace(before, before + more) if before else text + more
        path.write_text(text)


@pytest.mark.slow
def test_an_optimizer_changes_four_files_and_an_activation_six(tmp_path):
    root, site = tmp_path / "sources", tmp_path / "site"
    root.mkdir()
    for name in BUILT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    for steps in STEPS.values():
        add(root, steps)
    assert [len(steps) for steps in STEPS.values()] == [4, 6]

    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", f"--target={site}", str(root)]
    if all(map(importlib.util.find_spec, ("scikit_build_core", "pybind11"))):
        install.append("--no-build-isolation")
    for setting in ("build-type=Debug", "define.LOCALGRAD_ISAS=", "define.CMAKE_CXX_FLAGS=-g0"):
        install.append(f"--config-settings=cmake.{setting}")
    environment = os.environ | {"CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count())}
    if shutil.which("ccache"):
        environment["CMAKE_CXX_COMPILER_LAUNCHER"] = "ccache"
    subprocess.run(install, check=True, env=environment)

    environment["PYTHONPATH"] = str(site)
    command = [sys.executable, "-c", TRAINS]
    trained = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert trained.stdout == "trained\n", trained.stderr

    # The tests that follow from the lists cover the additions.
    agree = [ROOT / "tests" / "promises" / f"test_{name}.py" for name in ("agreement", "central_differences")]
    command = [sys.executable, "-m", "pytest", "-q", "-k", "Signum or bent", *map(str, agree)]
    tested = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert re.search(r"^[1-9]\d* passed", tested.stdout, re.MULTILINE), tested.stdout
    assert tested.returncode == 0, tested.stdout
