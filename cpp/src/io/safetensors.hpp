#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "bytes.hpp"

/// The safetensors format, read and written: 8 bytes with the length of the header, least significant first;
/// the header, a JSON object {"__metadata__": {text: text}, name: {"dtype": .., "shape": [..],
/// "data_offsets": [begin, end]}}; the data.
namespace localgrad::io {

// Numbers are copied to and from the file as they lie in memory, and the format is little-endian.
#if defined(__BYTE_ORDER__) && defined(__ORDER_LITTLE_ENDIAN__)
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors files need a little-endian processor");
#endif

enum class DType { float32, float64 };

/// The DType of the numbers of type T, float or double.
template <class T>
constexpr DType dtype_of() {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
  return std::is_same_v<T, float> ? DType::float32 : DType::float64;
}

/// Bytes of one element.
constexpr std::size_t element_size(DType dtype) { return dtype == DType::float32 ? 4 : 8; }

/// The format's name: "F32".
constexpr const char* dtype_name(DType dtype) { return dtype == DType::float32 ? "F32" : "F64"; }

/// Bytes of a tensor; the empty shape is that of a single number. Throws std::invalid_argument if the
/// product, zeros left aside, does not fit std::ptrdiff_t, or if there are more than kMaxRank dimensions.
std::size_t byte_count(DType dtype, const std::vector<std::size_t>& shape);

/// "[2, 3]"
std::string shape_text(const std::vector<std::size_t>& shape);

/// A named array, not owned: row-major, no gaps. From a file, `data` may have any alignment, so
/// copy it out.
struct Tensor {
  std::string name;
  DType dtype = DType::float32;
  std::vector<std::size_t> shape;
  const unsigned char* data = nullptr;  ///< may be null when `bytes` is 0
  std::size_t bytes = 0;
};

using Metadata = std::map<std::string, std::string>;

inline constexpr std::size_t kMaxRank = 64;                  // NumPy's limit; the format has none
inline constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // the limit of the format's own implementation

/// A safetensors file in memory.
///
/// Every rule of the format is checked: header within the file and within kMaxHeaderBytes, beginning with '{'
/// and followed by spaces at most; strict JSON (see parse_json), no key twice; each tensor with exactly a
/// known dtype, a shape and offsets that agree; the tensors together cover the data without gap or overlap.
/// Values are not looked at: they may be NaN. Not understood, and therefore an error: other dtypes (F16,
/// I64, ..) and further fields of a tensor.
class Archive {
 public:
  /// Takes the file's bytes over. Throws std::invalid_argument, which says what is wrong and where, for bytes
  /// that are no valid file. Needs, besides `bytes`, memory below 16 times the size of the header.
  explicit Archive(Bytes bytes);

  Archive(Archive&&) noexcept = default;  // the tensors keep pointing to the same memory
  Archive& operator=(Archive&&) noexcept = default;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  const Metadata& metadata() const { return metadata_; }
  /// In the order of their data. Valid as long as the archive.
  const std::vector<Tensor>& tensors() const { return tensors_; }
  /// The tensor of that name, or null.
  const Tensor* find(std::string_view name) const;
  /// As `find`, but throws std::invalid_argument, which gives the name, if there is none.
  const Tensor& at(std::string_view name) const;

 private:
  Bytes bytes_;
  Metadata metadata_;
  std::vector<Tensor> tensors_;
  std::vector<std::size_t> by_name_;  // indices of tensors_
};

/// A safetensors file with these tensors and this metadata; the same arguments give the same bytes. The
/// header is padded with spaces to a multiple of 8 and tensors of larger elements come first (otherwise in
/// the order given), so that all data is aligned within the file.
///
/// Throws std::invalid_argument for what an Archive would refuse: a name twice, the name "__metadata__", text
/// that is not UTF-8, `bytes` that differ from dtype and shape, too large a header.
Bytes serialize(const std::vector<Tensor>& tensors, const Metadata& metadata = {});

/// Writes what `serialize` gives to a file, without a copy in memory; replaces the file as `replace_file`
/// does.
void save(const std::filesystem::path& path, const std::vector<Tensor>& tensors,
          const Metadata& metadata = {});

}  // namespace localgrad::io
