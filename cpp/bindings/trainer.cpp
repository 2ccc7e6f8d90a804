#include "localgrad/trainer.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "engine/plan/plan.hpp"
#include "examples.hpp"
#include "gil.hpp"
#include "localgrad/error.hpp"
#include "localgrad/fleet.hpp"
#include "model/float_mode.hpp"
#include "native_class.hpp"
#include "optimizers.hpp"
#include "register.hpp"
#include "state.hpp"
#include "text/message.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

/// Reads the settings of private training: None or (clip_per_example, noise_multiplier, key, poisson) with a
/// key of 32 bytes.
Privacy privacy_of(const py::object& settings) {
  Privacy privacy;
  if (settings.is_none()) return privacy;
  std::string key;
  std::tie(privacy.clip_per_example, privacy.noise_multiplier, key, privacy.poisson) =
      settings.cast<std::tuple<double, double, py::bytes, bool>>();
  if (key.size() != sizeof privacy.key)
    throw py::value_error(text_of("key must have ", sizeof privacy.key, " bytes, got ", key.size()));
  for (std::size_t i = 0; i < key.size(); ++i)  // little-endian on every machine
    privacy.key[i / 8] |= std::uint64_t{static_cast<unsigned char>(key[i])} << (i % 8 * 8);
  return privacy;
}

/// A Trainer with its network and arrays, which it keeps alive. While a call trains, other code (a tick, a
/// custom cost, another thread) may only read the position.
template <class T>
class Training {
 public:
  Training(py::object network, const OptimizerSettings& optimizer, const py::dict& regularization,
           std::size_t batch_size, int n_threads, bool weighted, std::size_t rows, const py::object& privacy,
           double slope_weight, bool diagnostics)
      : network_(std::move(network)),
        batch_size_(batch_size),
        optimizer_(optimizer.optimizer),
        regularization_(regularization_of(regularization)),
        n_threads_(n_threads),
        weighted_(weighted),
        privacy_(privacy_of(privacy)),
        slope_weight_(slope_weight),
        diagnostics_(diagnostics),
        room_(room_for(rows)),
        trainer_(make_trainer(room_)) {
    trainer_.set_interrupt([this] { return asked_to_stop(); });
  }
  static std::unique_ptr<Training> make(py::object network, const OptimizerSettings& optimizer,
                                        const py::dict& regularization, std::size_t batch_size, int n_threads,
                                        bool weighted, std::size_t rows, const py::object& privacy,
                                        double slope_weight, bool diagnostics) {
    return std::make_unique<Training>(std::move(network), optimizer, regularization, batch_size, n_threads,
                                      weighted, rows, privacy, slope_weight, diagnostics);
  }
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  void set_data(py::object x, py::object y, py::object weights, std::string x_name, std::string y_name,
                py::object slopes) {
    check_idle("set_data");
    data_ = std::make_unique<Examples>(std::move(x), std::move(y), std::move(weights), std::move(x_name),
                                       std::move(y_name), std::move(slopes));
  }

  /// Sets the rows from which mini-batches are drawn by Poisson sampling; None for all.
  void set_population(const py::object& rows) {
    check_idle("set_population");
    population_ = rows.is_none() ? py::array() : order_of(rows);
  }

  /// Releases the arrays.
  void release_data() {
    check_idle("release_data");
    data_.reset();
  }

  /// Trains for `epochs` epochs and appends the mean cost of each to `costs`, and its diagnostics, if there
  /// are any, to `diagnostics`. If an epoch fails, the numbers of the epochs before it are kept.
  void run(std::size_t epochs, py::list costs, bool shuffle, const py::dict& diagnostics) {
    const Call call(*this, "run");
    const Examples& data = this->data();
    make_room(room_for(data.x.n));
    std::vector<double> finished;
    std::vector<Diagnostics> measured;
    last_asked_ = Clock::now();
    const std::exception_ptr failure = train([&] {
      for (std::size_t e = 0; e < epochs; ++e) {
        finished.push_back(trainer_.epoch(data.x, data.y, shuffle));
        if (diagnostics_) measured.push_back(trainer_.diagnostics());
        stop_if_asked();
      }
    });
    for (const double cost : finished) costs.append(cost);
    if (!measured.empty()) append(measured, diagnostics);
    if (failure) std::rethrow_exception(failure);
  }

  /// Trains on the next part of an epoch, up to the mini-batch after which the deadline has passed.
  void part(const py::object& order, const py::dict& factors, const py::object& outputs) {
    const Call call(*this, "part");
    const Examples& data = this->data();
    const py::array rows = order_of(order);
    const auto n = static_cast<std::size_t>(rows.size());
    Schedules schedules = schedules_of(factors, mini_batches(n));
    T* out = data.outputs_of(outputs, data.x.n, network());
    if (Clock::now() >= deadline_) return;
    make_room(trainer_.position() > 0 ? batch_size_ : room_for(n));
    trainer_.set_schedules(std::move(schedules));
    trainer_.record_outputs(out);
    watched_ = true;
    const std::exception_ptr failure = train([&] {
      const auto* order = static_cast<const std::uint32_t*>(rows.data());
      const auto* chosen = static_cast<const std::uint32_t*>(population_.data());
      const auto all = static_cast<std::size_t>(population_.size());
      if (privacy_.poisson)
        trainer_.draw(data.x, data.y, all ? chosen : nullptr, all, mini_batches(n));
      else
        trainer_.part(data.x, data.y, order, n);
      listens_ = false;  // Python checks for signals after this call
      stop_if_asked();
    });
    if (failure) std::rethrow_exception(failure);
  }

  /// Throws the exception that ended this trainer's part of the last call of train_fleet, if there was one.
  void check() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  // Python only runs signal handlers on its main thread.
  bool on_main_thread() const {
    return main_thread_().attr("ident").cast<unsigned long>() == PyThread_get_thread_ident();
  }

  double cost_sum(double start) const {
    check_idle("cost_sum");
    return began_ ? trainer_.cost_sum(start) : start;
  }

  /// The diagnostics of the current epoch, by name.
  py::dict diagnostics() const {
    check_idle("diagnostics");
    return dict_of(trainer_.diagnostics());
  }

  void end_epoch() {
    check_idle("end_epoch");
    trainer_.end_epoch();
  }
  std::size_t position() const { return trainer_.position(); }
  bool refused() const { return refused_; }
  std::size_t batch_size() const { return batch_size_; }
  std::size_t room() const { return room_; }

  py::array step_costs() const {
    check_idle("step_costs");
    auto costs = began_ ? trainer_.step_costs() : std::vector<double>();
    const auto count = static_cast<py::ssize_t>(costs.size());
    return array_from(std::move(costs), {count});
  }

  py::tuple state() const {
    check_idle("state");
    return tuple_of(trainer_.state());
  }

  void set_state(const std::string& rule, std::uint64_t t, double mu_product, std::uint64_t position,
                 const py::list& arrays, const py::object& diagnostics) {
    check_idle("set_state");
    trainer_.set_state(state_of<T>({rule, t, mu_product, position, arrays, diagnostics}));
  }

  void watch(std::optional<double> seconds, py::object tick) {
    check_idle("watch");
    constexpr double never = 1e9;
    const auto now = Clock::now();
    deadline_ = Clock::time_point::max();
    if (seconds && *seconds < never)
      deadline_ = now + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(std::max(*seconds, 0.0)));
    tick_ = std::move(tick);
    last_tick_ = now;
  }

 private:
  friend struct Held<Training>;
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kAskEvery{20}, kTickEvery{100};

  static py::dict dict_of(const Diagnostics& epoch) {
    py::dict numbers;
    numbers["delta_rms"] = epoch.delta_rms;
    numbers["z_rms"] = epoch.z_rms;
    numbers["a_rms"] = epoch.a_rms;
    numbers["saturated"] = epoch.saturated;
    numbers["dead"] = epoch.dead;
    numbers["update_ratio"] = epoch.update_ratio;
    numbers["gradient_norm"] = epoch.gradient_norm;
    numbers["gradient_noise_scale"] = epoch.gradient_noise_scale;
    return numbers;
  }

  /// Appends the numbers of some epochs to the lists of a dict.
  static void append(const std::vector<Diagnostics>& epochs, const py::dict& lists) {
    using Numbers = std::vector<double> Diagnostics::*;
    const std::pair<const char*, Numbers> members[] = {{"delta_rms", &Diagnostics::delta_rms},
                                                       {"z_rms", &Diagnostics::z_rms},
                                                       {"a_rms", &Diagnostics::a_rms},
                                                       {"saturated", &Diagnostics::saturated},
                                                       {"dead", &Diagnostics::dead},
                                                       {"update_ratio", &Diagnostics::update_ratio},
                                                       {"gradient_norm", &Diagnostics::gradient_norm}};
    for (const auto& [name, numbers] : members) {
      py::list list = lists[name];
      for (const Diagnostics& epoch : epochs) list.append(epoch.*numbers);
    }
    py::list scales = lists["gradient_noise_scale"];
    for (const Diagnostics& epoch : epochs) scales.append(epoch.gradient_noise_scale);
  }

  /// Schedules that return the numbers of arrays, one per mini-batch. The arrays must outlive them.
  static Schedules schedules_of(const py::dict& factors, std::size_t mini_batches) {
    Schedules schedules;
    std::size_t known = 0;
    const auto read = [&](const char* name, Schedules::Factor& schedule) {
      if (!factors.contains(name)) return;
      const py::object array = factors[name];
      const double* values = elements_of<double>(array, std::string("factors of ") + name, mini_batches, 1);
      schedule = [values](std::size_t step) { return values[step]; };
      ++known;
    };
    read("learning_rate", schedules.learning_rate);
    read("dropout", schedules.dropout);
    read("weight_decay", schedules.weight_decay);
    read("label_smoothing", schedules.label_smoothing);
    if (known != factors.size())
      throw py::type_error(
          text_of("factors must only have scheduled settings, got ", py::repr(factors).cast<std::string>()));
    return schedules;
  }

  /// A call that trains. Only one can be active at a time. The destructor resets everything that only applies
  /// to this call.
  class Call {
   public:
    Call(Training& training, const char* name) : training_(training) {
      const bool listens = training.on_main_thread();
      training.check_idle(name);
      training.listens_ = listens;
      training.began_ = false;
      training.busy_ = true;
    }
    ~Call() {
      training_.trainer_.set_schedule(nullptr);
      training_.trainer_.record_outputs(nullptr);
      training_.watched_ = false;
      training_.busy_ = false;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Training& training_;
  };

 public:
  /// This trainer in a call of train_fleet, with the settings that only apply to this call.
  class Seat {
   public:
    Seat(Training& training, const py::object& rows, const py::dict& factors, const py::object& outputs,
         std::size_t epochs)
        : call_(training, "train_fleet"), training_(training) {
      const Examples& data = training.data();
      member.x = data.x;
      member.y = data.y;
      member.n = data.x.n;
      member.epochs = epochs;
      if (!rows.is_none()) {
        rows_ = order_of(rows);
        member.n = static_cast<std::size_t>(rows_.size());
        member.rows = static_cast<const std::uint32_t*>(rows_.data());
      }
      T* out = data.outputs_of(outputs, data.x.n, training.network());
      Schedules schedules = schedules_of(factors, training.mini_batches(member.n));
      training.make_room(training.room_for(member.n));
      training.trainer_.set_schedules(std::move(schedules));
      training.trainer_.record_outputs(out);
      training.began_ = true;
      member.trainer = &training.trainer_;
    }
    ~Seat() {
      training_.trainer_.set_interrupt([&training = training_] { return training.asked_to_stop(); });
      training_.failure_ = member.failure;
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    FleetMember<T> member;

   private:
    const Call call_;
    Training& training_;
    py::array rows_;
  };

 private:
  Trainer<T> make_trainer(std::size_t rows) const {
    TrainerOptions options;
    options.n_threads = n_threads_;
    options.regularization = regularization_;
    options.weighted = weighted_;
    options.privacy = privacy_;
    options.slope_weight = slope_weight_;
    options.diagnostics = diagnostics_;
    return Trainer<T>(network(), optimizer_, rows, options);
  }

  /// Number of rows of a workspace for n rows at the start of an epoch: batch_size, or n if that is smaller,
  /// which gives the same bits. Small workspaces have a minimum size, so that not every n needs a new
  /// workspace.
  std::size_t room_for(std::size_t n) const {
    constexpr std::size_t few = 256;
    return n >= batch_size_ ? batch_size_ : std::max(n, std::min(batch_size_, few));
  }

  /// Allocates a workspace for `needed` rows unless the current one gives the same bits. Its size is a power
  /// of 2 if that gives the same bits too, so that there are only a few sizes.
  void make_room(std::size_t needed) {
    if (has_room(network(), room_, needed)) return;
    std::size_t rows = 1;
    while (rows < needed && rows < batch_size_) rows = rows > batch_size_ / 2 ? batch_size_ : 2 * rows;
    if (!has_room(network(), rows, needed)) rows = needed;
    Trainer<T> trainer = make_trainer(rows);
    trainer.set_state(trainer_.state());
    trainer.set_interrupt([this] { return asked_to_stop(); });
    trainer_ = std::move(trainer);
    room_ = rows;
  }

  void check_idle(const char* name) const {
    if (busy_)
      throw std::runtime_error(std::string(name) + " must not be called while the same trainer is training");
  }

  Network<T>& network() const {
    if (!py::isinstance<Network<T>>(network_))
      throw py::type_error(
          text_of("network must be a Network", 8 * sizeof(T), ", got ", Py_TYPE(network_.ptr())->tp_name));
    return network_.cast<Network<T>&>();
  }

  static double mean(const std::vector<double>& costs) {
    const DefaultFloatMode mode;
    return std::accumulate(costs.begin(), costs.end(), 0.0) / static_cast<double>(costs.size());
  }

  const Examples& data() const {
    if (!data_) throw std::invalid_argument("data must be set before training");
    return *data_;
  }
  std::size_t mini_batches(std::size_t rows) const { return rows / batch_size_ + (rows % batch_size_ != 0); }

  /// Calls work() without the GIL. Returns the exception that ended it; null if there was none, or if the
  /// deadline ended it.
  template <class Work>
  std::exception_ptr train(const Work& work) {
    signal_ = nullptr;
    began_ = true;
    refused_ = false;
    const WithoutGil without_gil;
    try {
      work();
      return nullptr;
    } catch (const Interrupted&) {
    } catch (const BadExample&) {
      refused_ = true;
      if (!signal_) return std::current_exception();
    } catch (...) {  // for example a divergence that is detected after a signal has ended training
      if (!signal_) return std::current_exception();
    }
    return std::exchange(signal_, nullptr);
  }

  /// Epochs and parts may be too short for the Trainer to check for an interrupt.
  void stop_if_asked() {
    if (Clock::now() - last_asked_ > kAskEvery && asked_to_stop()) throw Interrupted();
  }

  /// Runs the handlers of pending signals and, in a part, the tick. Returns true if one of them raised or
  /// the deadline has passed. Called without the GIL.
  bool asked_to_stop() {
    const auto now = last_asked_ = Clock::now();
    if (signal_) return true;  // called again while mini-batches are repeated after a divergence
    const auto& costs = trainer_.step_costs();
    const bool ticks = watched_ && tick_.ptr() != Py_None && now - last_tick_ >= kTickEvery && !costs.empty();
    if (listens_ || ticks) {
      const WithGil with_gil;
      try {
        if (listens_ && PyErr_CheckSignals() != 0) throw py::error_already_set();
        if (ticks) {
          last_tick_ = now;
          call(tick_, py::make_tuple(costs.size(), mean(costs)));
        }
      } catch (const py::error_already_set&) {
        signal_ = std::current_exception();
        return true;
      }
    }
    return watched_ && now >= deadline_;
  }

  py::object network_;
  std::size_t batch_size_;
  const Optimizer optimizer_;
  const Regularization regularization_;
  const int n_threads_;
  const bool weighted_;
  const Privacy privacy_;
  const double slope_weight_;
  const bool diagnostics_;
  py::array population_;  // for Poisson sampling; empty for all rows
  std::size_t room_;      // number of rows of the trainer's workspace
  std::unique_ptr<const Examples> data_;
  const py::object main_thread_ = py::module_::import("threading").attr("main_thread");
  bool busy_ = false;     // whether a call is running
  bool began_ = false;    // whether the last call started to train
  bool listens_ = false;  // whether to check for signals
  bool refused_ = false;  // whether the last call ended at an invalid example
  bool watched_ = false;  // whether the deadline and the tick apply: only for parts
  Clock::time_point last_asked_, last_tick_, deadline_ = Clock::time_point::max();
  py::object tick_ = py::none();
  std::exception_ptr signal_, failure_;
  Trainer<T> trainer_;
};

}  // namespace

/// The network is not cleared, because the Trainer refers to it, and the network clears its own references.
template <class T>
struct Held<Training<T>> {
  static constexpr bool any = true;
  static int visit(const Training<T>& training, visitproc visit, void* arg) {
    Py_VISIT(training.network_.ptr());
    Py_VISIT(training.main_thread_.ptr());
    Py_VISIT(training.tick_.ptr());
    if (!training.data_) return 0;
    Py_VISIT(training.data_->x_array.ptr());
    Py_VISIT(training.data_->y_array.ptr());
    Py_VISIT(training.data_->weights_array.ptr());
    Py_VISIT(training.data_->slopes_array.ptr());
    return 0;
  }
  static void clear(Training<T>& training) {
    training.tick_ = py::none();
    training.data_.reset();
  }
};

namespace {

/// Trains epochs of several trainers, and appends their mean costs to the member's list. Members that fail do
/// not end the call: see Training::check. Ends early after `seconds`.
template <class T>
void train_members(const std::vector<Training<T>*>& trainers, const std::vector<py::object>& rows,
                   const std::vector<py::dict>& factors, const std::vector<py::object>& outputs,
                   const std::vector<std::size_t>& epochs, std::vector<py::list> costs, bool shuffle,
                   int n_threads, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::unique_ptr<typename Training<T>::Seat>> seats;
  std::vector<FleetMember<T>> members;
  for (std::size_t k = 0; k < trainers.size(); ++k) {
    seats.push_back(std::make_unique<typename Training<T>::Seat>(*trainers[k], rows.at(k), factors.at(k),
                                                                 outputs.at(k), epochs.at(k)));
    members.push_back(seats.back()->member);
  }
  const bool listens = trainers.at(0)->on_main_thread();
  const auto start = Clock::now();
  std::exception_ptr signal;
  const auto interrupt = [&] {
    if (std::chrono::duration<double>(Clock::now() - start).count() >= seconds) return true;
    if (!listens) return false;
    const WithGil with_gil;
    if (PyErr_CheckSignals() == 0) return false;
    signal = std::make_exception_ptr(py::error_already_set());
    return true;
  };
  // KeyboardInterrupt in a custom cost stops all members; other errors end the training of one.
  const auto is_fatal = [](const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const py::error_already_set& raised) {
      const WithGil with_gil;
      return !raised.matches(PyExc_Exception);
    } catch (...) {
      return false;
    }
  };
  const std::exception_ptr failure = without_gil([&]() -> std::exception_ptr {
    try {
      train_fleet(members, {shuffle, n_threads, interrupt, is_fatal});
    } catch (const Interrupted&) {
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  });
  bool of_member = false;
  for (std::size_t k = 0; k < seats.size(); ++k) {
    seats[k]->member.failure = members[k].failure;
    of_member |= members[k].failure != nullptr;
    for (const double cost : members[k].costs) costs.at(k).append(cost);
  }
  if (signal) std::rethrow_exception(signal);
  if (failure && !of_member) std::rethrow_exception(failure);
}

template <class T>
void register_trainer(py::module_& m, const char* name) {
  using Self = Training<T>;
  NativeClass<Self> type(m, name, &Self::make, py::arg("network"), py::arg("optimizer"),
                         py::arg("regularization"), py::arg("batch_size"), py::arg("n_threads"),
                         py::arg("weighted"), py::arg("rows") = 0, py::arg("privacy") = py::none(),
                         py::arg("slope_weight") = 0.0, py::arg("diagnostics") = false);
  type->def("set_data", &Self::set_data, py::arg("x"), py::arg("y"), py::arg("weights"), py::arg("x_name"),
            py::arg("y_name"), py::arg("slopes") = py::none())
      .def("set_population", &Self::set_population, py::arg("rows"))
      .def("release_data", method(&Self::release_data))
      .def("run", &Self::run, py::arg("epochs"), py::arg("costs"), py::arg("shuffle"),
           py::arg("diagnostics") = py::dict())
      .def("part", &Self::part, py::arg("order"), py::arg("factors") = py::dict(),
           py::arg("outputs") = py::none())
      .def("check", method(&Self::check))
      .def("cost_sum", &Self::cost_sum, py::arg("start") = 0.0)
      .def("diagnostics", method(&Self::diagnostics))
      .def("end_epoch", method(&Self::end_epoch))
      .def_property_readonly("position", method(&Self::position))
      .def_property_readonly("batch_size", method(&Self::batch_size))
      .def_property_readonly("refused", method(&Self::refused))
      .def_property_readonly("room", method(&Self::room))
      .def_property_readonly("step_costs", method(&Self::step_costs))
      .def("state", method(&Self::state))
      .def("set_state", &Self::set_state, py::arg("rule"), py::arg("t"), py::arg("mu_product"),
           py::arg("position"), py::arg("arrays"), py::arg("diagnostics") = py::none())
      .def("watch", &Self::watch, py::arg("seconds"), py::arg("tick"));
  m.def("train_fleet", &train_members<T>, py::arg("trainers"), py::arg("rows"), py::arg("factors"),
        py::arg("outputs"), py::arg("epochs"), py::arg("costs"), py::arg("shuffle"), py::arg("n_threads"),
        py::arg("seconds"));
}

}  // namespace

void register_trainers(py::module_& m) {
  register_trainer<float>(m, "Trainer32");
  register_trainer<double>(m, "Trainer64");
}

}  // namespace localgrad::python
