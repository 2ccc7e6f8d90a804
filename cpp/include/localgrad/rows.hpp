#pragma once

#include <cstddef>
#include <cstdint>

namespace localgrad {

/// Element type of an array of rows that the caller owns.
enum class Scalar { float32, float64, uint8 };

/// A read-only view of n rows of `width` numbers; consecutive rows start `stride` elements apart.
/// Nothing is copied and nothing is written: the memory must outlive the call it is given to.
/// `name` is what an error message calls the array.
///
///     std::vector<float> x(n * 4);
///     localgrad::Rows rows(x.data(), n, 4);
struct Rows {
  const void* data = nullptr;
  Scalar type = Scalar::float32;
  std::size_t n = 0;
  std::size_t width = 0;
  std::size_t stride = 0;
  const char* name = "x";

  Rows() = default;
  Rows(const float* values, std::size_t rows, std::size_t columns)
      : data(values), type(Scalar::float32), n(rows), width(columns), stride(columns) {}
  Rows(const double* values, std::size_t rows, std::size_t columns)
      : data(values), type(Scalar::float64), n(rows), width(columns), stride(columns) {}
  Rows(const std::uint8_t* values, std::size_t rows, std::size_t columns)
      : data(values), type(Scalar::uint8), n(rows), width(columns), stride(columns) {}
};

/// What a network should answer: either real targets, one row of m_L numbers an example, or one class
/// label an example (0..m_L-1, or 0 and 1 for a single output unit), which stands for a row that is 1
/// at the label and 0 elsewhere.
struct Targets {
  Rows values;
  const std::int64_t* labels = nullptr;
  std::size_t n = 0;
  const char* name = "y";

  Targets() = default;
  Targets(const Rows& real) : values(real), n(real.n) {}
  Targets(const std::int64_t* classes, std::size_t count) : labels(classes), n(count) {}
};

}  // namespace localgrad
