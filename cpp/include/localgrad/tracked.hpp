#pragma once

#include <memory>

namespace localgrad {

/// Base class of an object whose address others need although it can be moved. Used inside the library.
class Tracked {
 protected:
  Tracked() : place_(std::make_shared<Place>()) { place_->now = this; }
  /// A copy is another object.
  Tracked(const Tracked&) : Tracked() {}
  Tracked(Tracked&& other) noexcept : place_(std::move(other.place_)) {
    if (place_) place_->now = this;
  }
  /// Trackers of both objects follow this object.
  Tracked& operator=(Tracked&& other) noexcept {
    if (this == &other || !other.place_) return *this;
    if (place_) {
      other.place_->now = nullptr;
      other.place_->next = place_;
    } else {
      place_ = other.place_;
      place_->now = this;
    }
    other.place_.reset();
    return *this;
  }
  ~Tracked() {
    if (place_) place_->now = nullptr;
  }

 private:
  template <class>
  friend class Tracker;
  struct Place {
    Tracked* now = nullptr;       // null if the object has been destroyed
    std::shared_ptr<Place> next;  // of the object to which this one has been assigned
  };
  std::shared_ptr<Place> place_;  // null after a move
};

/// Refers to an object of a class derived from Tracked, wherever it is moved. Used inside the library.
template <class T>
class Tracker {
 public:
  /// Refer to `object`.
  explicit Tracker(T& object) : place_(object.place_) {}
  /// The object, or null if it has been destroyed.
  T* get() const noexcept {
    const auto* place = place_.get();
    while (place && place->next) place = place->next.get();
    return place ? static_cast<T*>(place->now) : nullptr;
  }

 private:
  std::shared_ptr<Tracked::Place> place_;
};

}  // namespace localgrad
