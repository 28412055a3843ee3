// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/npy/npyliteral.h"

#include <algorithm>
#include <limits>

namespace feat::npy {

namespace {

constexpr size_t kMaxShapeEntries = 64;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Recursive descent over the text, without recursion: the grammar is two levels deep. Every
/// function returns false with error_ set.
class Parser {
 public:
  Parser(std::string_view text, Dictionary *out) : text_(text), out_(out) {}

  bool run();
  const std::string &error() const { return error_; }

 private:
  bool fail(std::string error) {
    error_ = std::move(error) + " at byte " + std::to_string(pos_);
    return false;
  }
  void skip_space() {
    while (pos_ < text_.size() && is_space(text_[pos_])) ++pos_;
  }
  /// Takes `c` behind optional white space.
  bool accept(char c) {
    skip_space();
    if (pos_ >= text_.size() || text_[pos_] != c) return false;
    ++pos_;
    return true;
  }
  bool expect(char c) { return accept(c) || fail(std::string("expected '") + c + "'"); }
  bool string(std::string *value);
  bool boolean(bool *value);
  bool integer(uint64_t *value);
  bool descr();
  bool shape();
  bool entry();

  std::string_view text_;
  Dictionary *out_;
  size_t pos_ = 0;
  bool has_descr_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
  std::string error_;
};

bool Parser::string(std::string *value) {
  skip_space();
  const char quote = pos_ < text_.size() ? text_[pos_] : '\0';
  if (quote != '\'' && quote != '"') return fail("expected a string");
  const size_t start = ++pos_;
  while (pos_ < text_.size() && text_[pos_] != quote) {
    if (text_[pos_] == '\\' || text_[pos_] == '\n')
      return fail("unsupported character in a string");
    ++pos_;
  }
  if (pos_ == text_.size()) return fail("unfinished string");
  *value = text_.substr(start, pos_++ - start);
  return true;
}

bool Parser::boolean(bool *value) {
  skip_space();
  const std::string_view rest = text_.substr(pos_);
  *value = rest.starts_with("True");
  if (!*value && !rest.starts_with("False")) return fail("expected True or False");
  pos_ += *value ? 4 : 5;
  return true;
}

bool Parser::integer(uint64_t *value) {
  skip_space();
  if (pos_ < text_.size() && text_[pos_] == '-') return fail("negative dimension");
  if (pos_ == text_.size() || !is_digit(text_[pos_])) return fail("expected a dimension");
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  uint64_t result = 0;
  for (; pos_ < text_.size() && is_digit(text_[pos_]); ++pos_) {
    const auto digit = static_cast<uint64_t>(text_[pos_] - '0');
    if (result > (kMax - digit) / 10) return fail("dimension of more than 64 bits");
    result = result * 10 + digit;
  }
  if (pos_ < text_.size() && text_[pos_] == 'L') ++pos_;  // long integers of Python 2
  *value = result;
  return true;
}

bool Parser::descr() {
  skip_space();
  if (pos_ < text_.size() && text_[pos_] == '[') {
    const size_t end = std::min(text_.find('}', pos_), text_.find("'fortran_order'", pos_));
    std::string_view list = text_.substr(pos_, end == text_.npos ? end : end - pos_);
    while (!list.empty() && (is_space(list.back()) || list.back() == ',')) list.remove_suffix(1);
    error_ = "descr " + printable(list) +
             " means structured data; only booleans, integers and real numbers are supported";
    return false;
  }
  return string(&out_->descr);
}

bool Parser::shape() {
  skip_space();
  const size_t start = pos_;
  if (!expect('(')) return false;
  bool comma = false;
  while (!accept(')')) {
    if (!out_->shape.empty() && !comma) return fail("expected ',' or ')'");
    if (out_->shape.size() == kMaxShapeEntries) return fail("more than 64 dimensions");
    uint64_t size = 0;
    if (!integer(&size)) return false;
    out_->shape.push_back(size);
    comma = accept(',');
  }
  if (out_->shape.size() == 1 && !comma) return fail("the shape is a number, not a tuple");
  out_->shape_text = printable(text_.substr(start, pos_ - start));
  return true;
}

bool Parser::entry() {
  std::string key;
  if (!string(&key) || !expect(':')) return false;
  bool *seen = nullptr;
  if (key == "descr") seen = &has_descr_;
  if (key == "fortran_order") seen = &has_order_;
  if (key == "shape") seen = &has_shape_;
  if (seen == nullptr) return fail("unknown key '" + printable(key) + "'");
  if (*seen) return fail("second key '" + key + "'");
  *seen = true;
  if (seen == &has_descr_) return descr();
  if (seen == &has_order_) return boolean(&out_->fortran_order);
  return shape();
}

bool Parser::run() {
  if (!expect('{')) return false;
  bool comma = true;
  while (!accept('}')) {
    if (!comma) return fail("expected ',' or '}'");
    if (!entry()) return false;
    comma = accept(',');
  }
  skip_space();
  if (pos_ != text_.size()) return fail("text behind the dictionary");
  const char *missing = nullptr;
  if (!has_shape_) missing = "shape";
  if (!has_order_) missing = "fortran_order";
  if (!has_descr_) missing = "descr";
  if (missing != nullptr) {
    error_ = std::string("no key '") + missing + "'";
    return false;
  }
  return true;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr size_t kMax = 64;
  std::string result(text.substr(0, kMax));
  for (char &c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() > kMax) result += "...";
  return result;
}

std::string parse_dictionary(std::string_view text, Dictionary *dictionary) {
  Parser parser(text, dictionary);
  return parser.run() ? std::string() : parser.error();
}

}  // namespace feat::npy
