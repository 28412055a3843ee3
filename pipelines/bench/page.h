// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The pieces that a page is made of.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace feat::bench {

std::string escaped(const std::string &text);
// So many significant digits, without an exponent where that is readable; "–" for nothing.
std::string shown(const std::optional<double> &value, int digits = 4);
// A number with a sign: "+3.2 %".
std::string percent(const std::optional<double> &value);

class Table {
 public:
  explicit Table(std::vector<std::string> heads) : heads_(std::move(heads)) {}
  // Numbers and text as they are shown. A row that is `marked` stands out.
  void add(std::vector<std::string> cells, bool marked = false);
  bool empty() const { return rows_.empty(); }
  std::string html() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    bool marked;
  };
  std::vector<std::string> heads_;
  std::vector<Row> rows_;
};

// A whole document around the body.
std::string page(const std::string &title, const std::string &body);

}  // namespace feat::bench
