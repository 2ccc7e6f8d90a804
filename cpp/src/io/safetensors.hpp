#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "bytes.hpp"

/// The safetensors format. A file consists of 8 bytes with the length of the header, in little-endian order;
/// the header, a JSON object {"__metadata__": {text: text}, name: {"dtype": .., "shape": [..],
/// "data_offsets": [begin, end]}}; and the data.
namespace localgrad::io {

// Numbers are copied to and from the file without conversion, and the format is little-endian.
#if defined(__BYTE_ORDER__) && defined(__ORDER_LITTLE_ENDIAN__)
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors files need a little-endian processor");
#endif

enum class DType { float32, float64 };

/// DType of type T, float or double.
template <class T>
constexpr DType dtype_of() {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
  return std::is_same_v<T, float> ? DType::float32 : DType::float64;
}

/// Size of an element in bytes.
constexpr std::size_t element_size(DType dtype) { return dtype == DType::float32 ? 4 : 8; }

/// Name in the format, such as "F32".
constexpr const char* dtype_name(DType dtype) { return dtype == DType::float32 ? "F32" : "F64"; }

/// Size of a tensor in bytes. The empty shape is that of a single number. Throws std::invalid_argument if
/// the product of the non-zero dimensions does not fit std::ptrdiff_t, or if there are more than kMaxRank
/// dimensions.
std::size_t byte_count(DType dtype, const std::vector<std::size_t>& shape);

/// "[2, 3]"
std::string shape_text(const std::vector<std::size_t>& shape);

/// A named array in memory that is not owned: row-major, without gaps. `data` from a file may be unaligned
/// and should be copied.
struct Tensor {
  std::string name;
  DType dtype = DType::float32;
  std::vector<std::size_t> shape;
  const unsigned char* data = nullptr;  ///< may be null if `bytes` is 0
  std::size_t bytes = 0;
};

using Metadata = std::map<std::string, std::string>;

inline constexpr std::size_t kMaxRank = 64;                  // limit of NumPy; the format has none
inline constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // limit of the reference implementation

/// A safetensors file in memory.
///
/// All rules of the format are checked. The header must be within the file and have at most kMaxHeaderBytes
/// bytes; it must begin with '{' and may only be followed by spaces. It must be strict JSON (see parse_json)
/// without duplicate keys. Each tensor must have exactly a known dtype, a shape and matching offsets. The
/// tensors together must cover the data without gaps or overlaps. Values are not checked: they may be NaN.
/// Other dtypes (F16, I64 and so on) and other fields of a tensor are not supported and therefore errors.
class Archive {
 public:
  /// Reads the bytes of a file, which must outlive the archive and not change. Throws std::invalid_argument,
  /// which describes the problem and its position, if they are not a valid file. It needs memory of less than
  /// 16 times the size of the header.
  explicit Archive(Piece file);
  /// Takes ownership of the bytes of a file.
  explicit Archive(Bytes bytes);

  Archive(Archive&&) noexcept = default;  // the tensors still point to the same memory
  Archive& operator=(Archive&&) noexcept = default;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  const Metadata& metadata() const { return metadata_; }
  /// Tensors in the order of their data. Valid as long as the archive.
  const std::vector<Tensor>& tensors() const { return tensors_; }
  /// Returns the tensor of that name, or null.
  const Tensor* find(std::string_view name) const;
  /// Like `find`, but throws std::invalid_argument, with the name in its message, if there is no such tensor.
  const Tensor& at(std::string_view name) const;

 private:
  Bytes bytes_;  // empty if the bytes belong to the caller
  Metadata metadata_;
  std::vector<Tensor> tensors_;
  std::vector<std::size_t> by_name_;  // indices of tensors_
};

/// The parts of a safetensors file with these tensors and this metadata. The same arguments give the same
/// bytes. The header is padded with spaces to a multiple of 8 bytes, and tensors with larger elements come
/// first (otherwise in the order of `tensors`), so that all data are aligned within the file.
class Contents {
 public:
  /// The data of the tensors is not copied and must outlive the object. Throws std::invalid_argument for
  /// files that Archive would reject: a duplicate name, the name "__metadata__", text that is not valid
  /// UTF-8, `bytes` that do not match dtype and shape, or a header that is too large.
  explicit Contents(const std::vector<Tensor>& tensors, const Metadata& metadata = {});
  Contents(const Contents&) = delete;
  Contents& operator=(const Contents&) = delete;

  /// The bytes of the file, one part after another.
  const std::vector<Piece>& pieces() const { return pieces_; }
  /// Size of the file in bytes.
  std::size_t size() const { return size_; }
  /// Writes the file to memory of at least size() bytes.
  void copy_to(void* memory) const;

 private:
  std::string head_;
  std::vector<Piece> pieces_;
  std::size_t size_ = 0;
};

/// Returns the file in memory. Throws the exceptions of Contents.
Bytes serialize(const std::vector<Tensor>& tensors, const Metadata& metadata = {});

}  // namespace localgrad::io
