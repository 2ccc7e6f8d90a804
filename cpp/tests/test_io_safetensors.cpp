#include <doctest/doctest.h>

#include <cstring>

#include "io/file.hpp"
#include "io/safetensors.hpp"
#include "test_io_support.hpp"

using namespace localgrad::io;
using namespace localgrad::io::test;

namespace {

template <class T>
Tensor tensor_of(const std::string& name, const std::vector<T>& values, std::vector<std::size_t> shape) {
  return {name, dtype_of<T>(), std::move(shape), reinterpret_cast<const unsigned char*>(values.data()),
          values.size() * sizeof(T)};
}

const std::vector<float> kFloats = {1.5f, -2.0f, 3.25f, 0.0f, 5.0f, -6.5f};
const std::vector<double> kDoubles = {0.1, -1e300};
const std::vector<float> kSmall = {1, 2, 255};
const std::vector<double> kLarge = {0, 1e19};

std::vector<Tensor> sample() {
  return {tensor_of("s", kSmall, {3}),
          tensor_of("w", kFloats, {2, 3}),
          tensor_of("d", kDoubles, {2, 1}),
          tensor_of("empty", std::vector<float>{}, {0, 7}),
          tensor_of("n", kLarge, {2}),
          tensor_of("scalar", std::vector<float>{kFloats.begin(), kFloats.begin()}, {0})};
}

const Metadata kMetadata = {{"", "empty key"}, {"format", "localgrad"}, {"json", "{\"a\":\"\\\"\u00e9\"}"}};

std::string refusal(const Bytes& file) {
  return message_of([&file] { Archive archive(file); });
}

/// A valid header of one tensor, except for the arguments.
std::string header(const std::string& shape, const std::string& offsets,
                   const std::string& dtype = "\"F32\"") {
  return R"({"w":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

void check_same(const Tensor& a, const Tensor& b) {
  CHECK(a.name == b.name);
  CHECK(a.dtype == b.dtype);
  CHECK(a.shape == b.shape);
  REQUIRE(a.bytes == b.bytes);
  if (a.bytes > 0) CHECK(std::memcmp(a.data, b.data, a.bytes) == 0);
}

}  // namespace

TEST_CASE("safetensors: tensors and metadata are restored") {
  const std::vector<Tensor> tensors = sample();
  const Bytes file = serialize(tensors, kMetadata);
  CHECK(file == serialize(tensors, kMetadata));
  const Archive archive(file);
  CHECK(archive.metadata() == kMetadata);
  REQUIRE(archive.tensors().size() == tensors.size());
  for (const Tensor& tensor : tensors) {
    check_same(archive.at(tensor.name), tensor);
    const auto offset = static_cast<std::size_t>(archive.at(tensor.name).data - archive.tensors()[0].data);
    CHECK(offset % element_size(tensor.dtype) == 0);
  }
  CHECK(archive.tensors()[0].name == "d");  // large elements first, otherwise in the order of the argument
  CHECK(archive.find("missing") == nullptr);
  CHECK(message_of([&] { archive.at("missing"); }) ==
        "safetensors file: expected a tensor \"missing\", which is missing");
}

TEST_CASE("safetensors: the bytes conform to the format") {
  const std::vector<float> values = {1.0f, 2.0f};
  const std::string json = R"({"w":{"dtype":"F32","shape":[1, 2],"data_offsets":[0,8]}})";
  const Bytes file = serialize({tensor_of("w", values, {1, 2})});
  const std::size_t padded = (json.size() + 7) / 8 * 8;
  CHECK(text_of(file) == text_of(file_of(json + std::string(padded - json.size(), ' '),
                                         std::string("\0\0\x80\x3f\0\0\0\x40", 8))));
  CHECK(text_of(serialize({})) == text_of(file_of("{}      ")));
  CHECK(serialize({}, {{"a", "b"}}).size() % 8 == 0);
}

TEST_CASE("safetensors: scalars, empty tensors, spaces and any order of the header are read") {
  CHECK(Archive(file_of("{}")).tensors().empty());
  CHECK(Archive(file_of("{ }   ")).tensors().empty());
  CHECK(Archive(file_of(header("[]", "[0,4]"), "abcd")).at("w").bytes == 4);
  CHECK(Archive(file_of(header("[3,0,5]", "[0,0]"))).at("w").bytes == 0);
  CHECK(Archive(file_of(header(" [ 1 , 2 ] ", "[ 0 ,8 ]") + "  ", "abcdefgh")).at("w").shape ==
        std::vector<std::size_t>{1, 2});
  const Archive archive(
      file_of(R"({"b":{"data_offsets":[8,12],"shape":[1],"dtype":"F32"},)"
              R"("e":{"dtype":"F64","shape":[0],"data_offsets":[8,8]},)"
              R"("a":{"shape":[2],"dtype":"F32","data_offsets":[0,8]},"__metadata__":{"k":"v"}})",
              "xxxxyyyyzzzz"));
  CHECK(archive.tensors()[0].name == "a");
  CHECK(archive.tensors()[1].name == "e");
  CHECK(*archive.at("b").data == 'z');
  CHECK(archive.metadata().at("k") == "v");
}

TEST_CASE("safetensors: an archive can be moved") {
  Archive first(serialize(sample(), kMetadata));
  Archive second(std::move(first));
  check_same(second.at("w"), sample()[1]);
  first = std::move(second);
  check_same(first.at("w"), sample()[1]);
}

TEST_CASE("safetensors: a truncated file or one with extra bytes is rejected") {
  const Bytes file = serialize(sample(), kMetadata);
  for (std::size_t n = 0; n < file.size(); ++n) {
    CAPTURE(n);
    CHECK(contains(refusal(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(n))),
                   "safetensors file"));
  }
  Bytes longer = file;
  longer.push_back(0);
  CHECK(contains(refusal(longer), "the tensors end at byte"));
}

TEST_CASE("safetensors: a change of any byte of the header is accepted or rejected") {
  const Bytes file = serialize(sample(), kMetadata);
  const std::size_t header_end = 8 + file[0] + 256u * file[1];
  int loaded = 0;
  for (std::size_t i = 0; i < header_end; ++i) {
    for (int value = 0; value < 256; ++value) {
      Bytes changed = file;
      changed[i] = static_cast<unsigned char>(value);
      loaded += refusal(changed) == "nothing was thrown";  // any other exception ends the test
    }
  }
  CHECK(loaded > static_cast<int>(header_end));  // the unchanged ones, and those with different names
}

TEST_CASE("safetensors: an invalid length of the header is rejected") {
  CHECK(contains(refusal({}), "expected at least 8 bytes for the header's length, found 0"));
  CHECK(contains(refusal(Bytes(7)), "found 7"));
  CHECK(contains(refusal(Bytes(8)), "expected '{' as first byte of the header"));
  for (const std::uint64_t length : {std::uint64_t{3}, std::uint64_t{100'000'001}, std::uint64_t{1} << 32,
                                     std::uint64_t{1} << 63, UINT64_MAX - 8, UINT64_MAX - 7, UINT64_MAX}) {
    CHECK(contains(refusal(file_of("{}", "", length)),
                   "specify a header of " + std::to_string(length) + " bytes, found 2"));
  }
  Bytes large = file_of("{}", "", kMaxHeaderBytes + 1);
  large.resize(8 + kMaxHeaderBytes + 1, ' ');
  CHECK(contains(refusal(large), "expected a header of at most 100000000 bytes, found 100000001"));
}

TEST_CASE("safetensors: invalid headers are rejected") {
  const auto refused = [](const std::string& json, const std::string& why, const std::string& data = "") {
    CAPTURE(json);
    const std::string message = refusal(file_of(json, data));
    CAPTURE(message);
    CHECK(contains(message, "safetensors file"));
    CHECK(contains(message, why));
  };
  refused("", "expected '{' as first byte");
  refused(" {}", "byte 8: expected '{' as first byte");
  refused("[]", "expected '{' as first byte");
  refused("{}\n", "expected only spaces after the header's JSON");
  refused("{}x", "expected only spaces");
  refused("{}{}", "expected the end");
  refused(std::string("{}\0", 3), "expected only spaces");
  refused("{", "expected a string as key");
  refused(R"({"w":1})", "expected '{', found '1'");
  refused(R"({"w":null})", "expected '{'");
  refused(R"({"w":{}})", "tensor \"w\": expected the key \"dtype\", which is missing");
  refused(R"({"w":{"dtype":"F32"}})", "expected the key \"shape\", which is missing");
  refused(R"({"w":{"dtype":"F32","shape":[0]}})", "expected the key \"data_offsets\", which is missing");
  refused(R"({"w":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
          "expected \"dtype\" once");
  refused(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"more":1}})", "found \"more\"");
  refused(header("[0]", "[0,0]", "\"F16\""), "expected dtype F32 or F64, found \"F16\"");
  refused(header("[0]", "[0,0]", "\"f32\""), "found \"f32\"");
  refused(header("[0]", "[0,0]", "32"), "expected a string as \"dtype\"");
  refused(header("2", "[0,0]"), "expected '[' for \"shape\"");
  refused(header("[-1]", "[0,0]"),
          "expected a size in \"shape\" (an integer from 0 to 2^64-1), found \"-1\"");
  refused(header("[1.0]", "[0,4]"), "found \"1.0\"", "abcd");
  refused(header("[1e0]", "[0,4]"), "found \"1e0\"", "abcd");
  refused(header("[18446744073709551616]", "[0,0]"), "found \"18446744073709551616\"");
  refused(header("[\"1\"]", "[0,4]"), "expected a size in \"shape\"", "abcd");
  refused(header("[[1]]", "[0,4]"), "expected a size in \"shape\"", "abcd");
  refused(header("[1,]", "[0,4]"), "expected a size in \"shape\"", "abcd");
  refused(header("[0]", "[0]"), "expected ',' between two offsets");
  refused(header("[0]", "[0,0,0]"), "expected ']' after two offsets");
  refused(header("[0]", "[]"), "expected the first of two offsets");
  refused(header("[0]", "{}"), "expected '[' for \"data_offsets\"");
  refused(header("[0]", "[-4,0]"), "expected the first of two offsets (an integer from 0");
  refused(header("[1]", "[4,0]"), "expected offsets in order, found 4 before 0", "abcd");
  refused(header("[1]", "[0,4]") + header("[1]", "[0,4]"), "expected the end", "abcd");
  refused(R"({"__metadata__":{},"__metadata__":{}})", "expected \"__metadata__\" once");
  refused(R"({"__metadata__":{"a":"1","a":"2"}})", "found \"a\" again");
  refused(R"({"__metadata__":{"a":1}})", "expected a string as value in \"__metadata__\"");
  refused(R"({"__metadata__":{"a":null}})", "expected a string as value");
  refused(R"({"__metadata__":[]})", "expected '{'");
  refused(R"({"__metadata__":null})", "expected '{'");
  refused("{\"\xff\":{}}", "expected UTF-8");
  refused(std::string(R"({"w":)") + std::string(100'000, '['), "expected '{'");
}

TEST_CASE("safetensors: sizes that do not match or are too large are rejected") {
  const auto refused = [](const std::string& shape, const std::string& offsets, const std::string& why,
                          const std::string& data = "") {
    CAPTURE(shape);
    CAPTURE(offsets);
    const std::string message = refusal(file_of(header(shape, offsets), data));
    CAPTURE(message);
    CHECK(contains(message, why));
  };
  refused("[2]", "[0,4]", "dtype F32 and shape [2] need 8 bytes, but data_offsets [0, 4] hold 4", "abcd");
  refused("[500000000]", "[0,4]", "need 2000000000 bytes", "abcd");
  refused("[500000000]", "[0,2000000000]", "ends at byte 2000000000 of the data, which has 4 bytes", "abcd");
  // Larger numbers are rejected before they are converted to a size.
  const bool wide = sizeof(std::size_t) > 4;
  const auto size = [&](const char* then) { return wide ? then : "that fits this machine"; };
  refused("[1000000000]", "[0,4]", wide ? "need 4000000000 bytes" : "exceeds any memory", "abcd");
  refused("[18446744073709551615]", "[0,4]", size("exceeds any memory"), "abcd");
  refused("[4294967296,4294967296]", "[0,0]", size("exceeds any memory"));
  refused("[4611686018427387905]", "[0,4]", size("exceeds any memory"), "abcd");
  refused("[0,4294967296,4294967296]", "[0,0]", size("exceeds any memory"));
  refused("[65536,65536]", "[0,0]", wide ? "need 17179869184 bytes" : "exceeds any memory");
  refused("[1]", "[18446744073709551611,18446744073709551615]", size("ends at byte 18446744073709551615"),
          "abcd");
  refused("[1]", "[4294967291,4294967295]", "ends at byte 4294967295", "abcd");
  refused("[1]", "[4,8]", "bytes 0 to 4 of the data, before tensor \"w\", belong to no tensor", "abcdefgh");
  refused("[1]", "[0,4]", "the tensors end at byte 4 of the data, which has 8 bytes", "abcdefgh");
  refused("[1]", "[0,4]", "ends at byte 4 of the data, which has 3 bytes", "abc");
  std::string ones = "1";
  for (int i = 1; i < 64; ++i) ones += ",1";
  CHECK(Archive(file_of(header("[" + ones + "]", "[0,4]"), "abcd")).at("w").shape.size() == 64);
  refused("[" + ones + ",1]", "[0,4]", "expected at most 64 dimensions", "abcd");
}

TEST_CASE("safetensors: tensors that overlap, leave gaps or share a name are rejected") {
  const auto two = [](const std::string& second, const std::string& a, const std::string& b) {
    return refusal(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + a + R"(},")" + second +
                               R"(":{"dtype":"F32","shape":[1],"data_offsets":)" + b + "}}",
                           "abcdefgh"));
  };
  CHECK(two("b", "[0,4]", "[4,8]") == "nothing was thrown");
  CHECK(two("b", "[4,8]", "[0,4]") == "nothing was thrown");
  CHECK(contains(two("b", "[0,4]", "[3,7]"),
                 "tensor \"b\" begins at byte 3 of the data, but tensor \"a\" ends at 4"));
  CHECK(contains(two("b", "[0,4]", "[0,4]"), "tensor \"b\" begins at byte 0"));
  CHECK(contains(two("b", "[1,5]", "[4,8]"),
                 "bytes 0 to 1 of the data, before tensor \"a\", belong to no tensor"));
  CHECK(contains(two("a", "[0,4]", "[4,8]"), "found tensor \"a\" twice"));
  CHECK(contains(two("\\u0061", "[0,4]", "[4,8]"), "found tensor \"a\" twice"));
}

TEST_CASE("safetensors: invalid tensors and metadata are not written") {
  const std::vector<float> values(6);
  const auto refused = [](const std::vector<Tensor>& tensors, const std::string& why,
                          const Metadata& metadata = {}) {
    CHECK(contains(message_of([&] { serialize(tensors, metadata); }), why));
    CHECK(contains(message_of([&] { Contents(tensors, metadata); }),
                   why));  // before any file is opened
  };
  const Tensor good = tensor_of("w", values, {2, 3});
  Tensor null = good;
  null.data = nullptr;
  refused({good, good}, "got tensor \"w\" twice");
  refused({tensor_of("__metadata__", values, {6})}, "__metadata__");
  refused({tensor_of("\xff", values, {6})}, "UTF-8");
  refused({tensor_of("w", values, {7})}, "need 28 bytes, got 24");
  refused({tensor_of("w", values, {SIZE_MAX, SIZE_MAX})}, "exceeds any memory");
  refused({tensor_of("w", values, std::vector<std::size_t>(65, 1))}, "at most 64 dimensions");
  refused({null}, "null pointer");
  refused({good}, "UTF-8", {{"a", "\xc3"}});
  const Metadata large = {{"a", std::string(kMaxHeaderBytes, 'x')}};
  CHECK(contains(message_of([&] { serialize({good}, large); }), "header of 100000000 bytes"));
}

TEST_CASE("safetensors: save writes the same bytes as serialize") {
  const TemporaryFolder folder;
  replace_file(folder / "model.safetensors", Contents(sample(), kMetadata).pieces());
  CHECK(read_file(folder / "model.safetensors") == serialize(sample(), kMetadata));
  CHECK(folder.count() == 1);
}
