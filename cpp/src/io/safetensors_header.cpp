#include "safetensors_header.hpp"

#include <limits>
#include <stdexcept>

#include "json_scanner.hpp"
#include "utf8.hpp"

namespace localgrad::io {
namespace {

class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::size_t offset)
      : scanner_(text, kFile, offset), text_(text), offset_(offset) {}

  Header parse() {
    if (text_.empty() || text_.front() != '{')
      scanner_.fail(offset_, "expected '{' as first byte of the header");
    scanner_.object([this](std::string key, std::size_t at) {
      if (key != kMetadataKey) {
        header_.entries.push_back(entry(std::move(key)));
      } else if (has_metadata_) {
        scanner_.fail(at, "expected \"__metadata__\" once, found it again");
      } else {
        has_metadata_ = true;
        metadata();
      }
    });
    const std::size_t brace = text_.find_last_not_of(' ');
    if (text_[brace] != '}') scanner_.fail(offset_ + brace, "expected only spaces after the header's JSON");
    scanner_.expect_end();
    return std::move(header_);
  }

 private:
  void metadata() {
    scanner_.object([this](std::string key, std::size_t at) {
      std::string text = scanner_.string("a string as value in \"__metadata__\"");
      const auto [place, inserted] = header_.metadata.try_emplace(std::move(key), std::move(text));
      if (!inserted)
        scanner_.fail(at, "expected different keys in \"__metadata__\", found ", in_quotes(place->first),
                      " again");
    });
  }

  HeaderEntry entry(std::string name) {
    HeaderEntry result;
    Tensor& tensor = result.tensor;
    tensor.name = std::move(name);
    const std::size_t begin = scanner_.position();
    bool has_dtype = false, has_shape = false, has_offsets = false;
    scanner_.object([&](const std::string& key, std::size_t at) {
      bool* const seen = key == "dtype"          ? &has_dtype
                         : key == "shape"        ? &has_shape
                         : key == "data_offsets" ? &has_offsets
                                                 : nullptr;
      if (!seen)
        fail(at, tensor, "expected the keys \"dtype\", \"shape\" and \"data_offsets\", found ",
             in_quotes(key));
      if (*seen) fail(at, tensor, "expected ", in_quotes(key), " once, found it again");
      *seen = true;
      if (seen == &has_dtype) tensor.dtype = dtype(tensor);
      if (seen == &has_shape) tensor.shape = shape(tensor);
      if (seen == &has_offsets) offsets(result);
    });
    for (const auto& [seen, key] : {std::pair(has_dtype, "dtype"), std::pair(has_shape, "shape"),
                                    std::pair(has_offsets, "data_offsets")}) {
      if (!seen) fail(begin, tensor, "expected the key \"", key, "\", which is missing");
    }
    check_size(result, begin);
    return result;
  }

  DType dtype(const Tensor& tensor) {
    const std::size_t at = scanner_.position();
    const std::string name = scanner_.string("a string as \"dtype\"");
    for (const DType known : {DType::float32, DType::float64}) {
      if (name == dtype_name(known)) return known;
    }
    fail(at, tensor, "expected dtype F32 or F64, found ", in_quotes(name));
  }

  std::vector<std::size_t> shape(const Tensor& tensor) {
    std::vector<std::size_t> result;
    const auto next = [&] {
      if (result.size() == kMaxRank) {
        fail(scanner_.position(), tensor, "expected at most ", kMaxRank, " dimensions, found more");
      }
      result.push_back(size("a size in \"shape\""));
    };
    scanner_.array(next, "'[' for \"shape\"");
    result.shrink_to_fit();
    return result;
  }

  void offsets(HeaderEntry& entry) {
    const std::size_t at = scanner_.position();
    scanner_.expect('[', "'[' for \"data_offsets\"");
    entry.begin = size("the first of two offsets");
    scanner_.expect(',', "',' between two offsets");
    entry.end = size("the second of two offsets");
    scanner_.expect(']', "']' after two offsets");
    if (entry.begin > entry.end) {
      fail(at, entry.tensor, "expected offsets in order, found ", entry.begin, " before ", entry.end);
    }
  }

  std::size_t size(const char* expected) {
    const std::size_t at = scanner_.position();
    const std::uint64_t value = scanner_.uint64(expected);
    if (value > std::numeric_limits<std::size_t>::max()) {
      scanner_.fail(at, "expected ", expected, " that fits this machine, found ", value);
    }
    return static_cast<std::size_t>(value);
  }

  void check_size(const HeaderEntry& entry, std::size_t at) {
    const Tensor& tensor = entry.tensor;
    std::size_t needed = 0;
    try {
      needed = byte_count(tensor.dtype, tensor.shape);
    } catch (const std::invalid_argument& error) {
      fail(at, tensor, error.what());
    }
    if (entry.end - entry.begin != needed) {
      fail(at, tensor, "dtype ", dtype_name(tensor.dtype), " and shape ", shape_text(tensor.shape), " need ",
           needed, " bytes, but data_offsets [", entry.begin, ", ", entry.end, "] hold ",
           entry.end - entry.begin);
    }
  }

  template <class... Parts>
  [[noreturn]] void fail(std::size_t at, const Tensor& tensor, const Parts&... problem) const {
    scanner_.fail(at, "tensor ", in_quotes(tensor.name), ": ", problem...);
  }

  JsonScanner scanner_;
  std::string_view text_;
  std::size_t offset_;
  Header header_;
  bool has_metadata_ = false;
};

}  // namespace

Header parse_header(std::string_view text, std::size_t offset) { return HeaderParser(text, offset).parse(); }

}  // namespace localgrad::io
