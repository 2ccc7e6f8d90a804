#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "json.hpp"
#include "safetensors.hpp"
#include "safetensors_header.hpp"
#include "text/message.hpp"
#include "utf8.hpp"

namespace localgrad::io {
namespace {

using Order = std::vector<const Tensor*>;

template <class... Parts>
[[noreturn]] void fail(const Parts&... problem) {
  refuse("safetensors: ", problem...);
}

void check(const Tensor& tensor) {
  const std::string name = "tensor " + in_quotes(tensor.name);
  if (tensor.name == kMetadataKey) fail("the name of a tensor must not be \"__metadata__\"");
  const std::size_t needed = byte_count(tensor.dtype, tensor.shape);
  if (tensor.bytes != needed) {
    fail(name, ": dtype ", dtype_name(tensor.dtype), " and shape ", shape_text(tensor.shape), " need ",
         needed, " bytes, got ", tensor.bytes);
  }
  if (needed > 0 && tensor.data == nullptr) fail(name, ": expected ", needed, " bytes, got a null pointer");
}

/// Order of the data: large elements first, so that all of them are aligned.
Order data_order(const std::vector<Tensor>& tensors) {
  Order order;
  std::vector<std::string_view> names;
  for (const Tensor& tensor : tensors) {
    check(tensor);
    order.push_back(&tensor);
    names.push_back(tensor.name);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) fail("expected different names, got tensor ", in_quotes(*twice), " twice");
  // Otherwise in the order of the argument.
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    const std::size_t of_a = element_size(a->dtype), of_b = element_size(b->dtype);
    return of_a != of_b ? of_a > of_b : a < b;
  });
  return order;
}

std::string header_json(const Order& order, const Metadata& metadata) {
  std::string json = "{";
  const auto member = [&json](std::string_view key) {
    if (json.back() != '{') json += ',';
    append_json_string(json, key);
    json += ':';
  };
  if (!metadata.empty()) {
    member(kMetadataKey);
    json += '{';
    for (const auto& [key, text] : metadata) {
      member(key);
      append_json_string(json, text);
    }
    json += '}';
  }
  std::size_t offset = 0;
  for (const Tensor* tensor : order) {
    if (tensor->bytes > std::numeric_limits<std::size_t>::max() - offset)
      fail("the tensors are too large for a file");
    member(tensor->name);
    json += R"({"dtype":")" + std::string(dtype_name(tensor->dtype)) + R"(","shape":)" +
            shape_text(tensor->shape) + R"(,"data_offsets":[)" + std::to_string(offset) + ',' +
            std::to_string(offset + tensor->bytes) + "]}";
    offset += tensor->bytes;
  }
  return json + '}';
}

/// The bytes before the data: the length of the header and the header.
std::string head(const Order& order, const Metadata& metadata) {
  std::string json = header_json(order, metadata);
  json.resize((json.size() + 7) / 8 * 8, ' ');
  if (json.size() > kMaxHeaderBytes) {
    fail("expected names and metadata that fit a header of ", kMaxHeaderBytes, " bytes, got ", json.size());
  }
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i)
    length[i] = static_cast<char>(std::uint64_t{json.size()} >> (8 * i) & 0xff);
  return length + json;
}

}  // namespace

Contents::Contents(const std::vector<Tensor>& tensors, const Metadata& metadata) {
  const Order order = data_order(tensors);
  head_ = head(order, metadata);
  pieces_.push_back({head_.data(), head_.size()});
  for (const Tensor* tensor : order) pieces_.push_back({tensor->data, tensor->bytes});
  for (const Piece& piece : pieces_) {
    if (piece.size > std::numeric_limits<std::size_t>::max() - size_)
      fail("the tensors are too large for a file");
    size_ += piece.size;
  }
}

void Contents::copy_to(void* memory) const {
  auto* to = static_cast<unsigned char*>(memory);
  for (const Piece& piece : pieces_) {
    if (piece.size > 0) std::memcpy(to, piece.data, piece.size);
    to += piece.size;
  }
}

Bytes serialize(const std::vector<Tensor>& tensors, const Metadata& metadata) {
  const Contents contents(tensors, metadata);
  Bytes file(contents.size());
  contents.copy_to(file.data());
  return file;
}

}  // namespace localgrad::io
