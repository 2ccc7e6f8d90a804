#include "localgrad/trainer.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "gil.hpp"
#include "localgrad/error.hpp"
#include "optimizers.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

// Python runs signal handlers on its main thread alone; elsewhere there is nothing to ask for.
bool on_main_thread() {
  const py::module_ threading = py::module_::import("threading");
  return threading.attr("get_ident")().equal(threading.attr("main_thread")().attr("ident"));
}

/// A Trainer and what it works on: the network and the arrays live as long as it does.
template <class T>
class Training {
 public:
  Training(py::object network, py::object x, py::object y, py::object weights,
           const OptimizerSettings& optimizer, const py::dict& regularization, std::size_t batch_size,
           bool shuffle, int n_threads, std::string x_name, std::string y_name)
      : network_(std::move(network)),
        x_array_(std::move(x)),
        y_array_(std::move(y)),
        weights_array_(std::move(weights)),
        x_name_(std::move(x_name)),
        y_name_(std::move(y_name)),
        x_(rows_of(x_array_, x_name_)),
        y_(targets_of(y_array_, y_name_)),
        shuffle_(shuffle),
        trainer_(network_.cast<Network<T>&>(), optimizer.optimizer, batch_size, n_threads,
                 regularization_of(regularization), !weights_array_.is_none()) {
    add_weights(y_, weights_array_, weights_name_);
    trainer_.set_interrupt([this] { return asked_to_stop(); });
  }
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  /// Runs `epochs` epochs and appends the mean cost of each to `costs` as they ended, also when one of them fails. With factors of the
  /// learning rate for its mini-batches one epoch, or the beginning of one.
  void run(std::size_t epochs, py::list costs, const std::optional<std::vector<double>>& factors) {
    listens_ = on_main_thread();
    std::size_t mini_batches = static_cast<std::size_t>(-1);
    if (factors) {
      epochs = 1;
      mini_batches = factors->size();
      if (mini_batches == 0) throw std::invalid_argument("factors must hold at least 1 number, given 0");
      trainer_.set_schedule([&factors](std::size_t step) { return (*factors)[step]; });
    } else {
      trainer_.set_schedule(nullptr);
    }
    std::vector<double> finished;
    std::exception_ptr failure;
    {
      WithoutGil without_gil;
      try {
        last_asked_ = Clock::now();
        for (std::size_t e = 0; e < epochs; ++e) {
          finished.push_back(trainer_.epoch(x_, y_, shuffle_, mini_batches));
          // Epochs may be too short for the Trainer ever to ask.
          if (Clock::now() - last_asked_ > std::chrono::milliseconds(20) && asked_to_stop())
            throw Interrupted();
        }
      } catch (const Interrupted&) {
        failure = std::exchange(signal_, nullptr);
      } catch (...) {
        failure = std::current_exception();
      }
    }
    trainer_.set_schedule(nullptr);  // its numbers are the caller's
    for (const double cost : finished) costs.append(cost);
    if (failure) std::rethrow_exception(failure);
  }

  py::array step_costs() const {
    auto costs = trainer_.step_costs();
    const auto count = static_cast<py::ssize_t>(costs.size());
    return array_from(std::move(costs), {count});
  }

 private:
  using Clock = std::chrono::steady_clock;

  // Runs the handlers of pending signals; true if one of them raised. Called without the GIL.
  bool asked_to_stop() {
    last_asked_ = Clock::now();
    if (!listens_) return false;
    py::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() == 0) return false;
    signal_ = std::make_exception_ptr(py::error_already_set());
    return true;
  }

  py::object network_, x_array_, y_array_, weights_array_;
  std::string x_name_, y_name_;
  const std::string weights_name_ = "sample_weight";
  Rows x_;
  Targets y_;
  bool shuffle_;
  bool listens_ = false;
  Clock::time_point last_asked_;
  std::exception_ptr signal_;
  Trainer<T> trainer_;
};

template <class T>
void register_trainer(py::module_& m, const char* name) {
  py::class_<Training<T>>(m, name)
      .def(py::init<py::object, py::object, py::object, py::object, const OptimizerSettings&, const py::dict&,
                    std::size_t, bool, int, std::string, std::string>(),
           py::arg("network"), py::arg("x"), py::arg("y"), py::arg("weights"), py::arg("optimizer"),
           py::arg("regularization"), py::arg("batch_size"), py::arg("shuffle"), py::arg("n_threads"),
           py::arg("x_name"), py::arg("y_name"))
      .def("run", &Training<T>::run, py::arg("epochs"), py::arg("costs"), py::arg("factors") = py::none())
      .def_property_readonly("step_costs", &Training<T>::step_costs);
}

}  // namespace

void register_trainers(py::module_& m) {
  register_trainer<float>(m, "Trainer32");
  register_trainer<double>(m, "Trainer64");
}

}  // namespace localgrad::python
