// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/page.h"

#include <cmath>
#include <cstdio>

namespace feat::bench {

namespace {

constexpr const char *kStyle = R"(
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; margin: 0 auto; padding: 1rem;
  max-width: 62rem; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid #ccc; padding-bottom: .25rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .25rem; }
p { max-width: 46rem; }
.small, figcaption { color: #555; font-size: .875rem; }
.scroll { overflow-x: auto; margin: .5rem 0 1rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #e5e5e5; }
th { border-bottom: 2px solid #999; font-weight: 600; }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: #fff; }
tr.marked td { background: #f3f3f3; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
figure { margin: 0; }
svg { width: 100%; height: auto; }
nav ul { columns: 16rem; padding-left: 1.2rem; }
ul.notes { background: #fff8e5; border-left: 4px solid #e69f00; padding: .5rem .5rem .5rem 1.75rem; }
code { font-size: .9em; overflow-wrap: anywhere; }
)";

}  // namespace

std::string escaped(const std::string &text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

std::string shown(const std::optional<double> &value, int digits) {
  if (!value || !std::isfinite(*value)) return "–";
  char text[64];
  const double size = std::fabs(*value);
  if (size == 0) return "0";
  if (size < 1e-4 || size >= 1e7) {
    std::snprintf(text, sizeof text, "%.*g", digits, *value);
    return text;
  }
  const int before = static_cast<int>(std::floor(std::log10(size))) + 1;
  std::snprintf(text, sizeof text, "%.*f", std::max(0, digits - std::max(before, 0)), *value);
  return text;
}

std::string percent(const std::optional<double> &value) {
  if (!value || !std::isfinite(*value)) return "–";
  char text[64];
  std::snprintf(text, sizeof text, "%+.1f %%", *value);
  return text;
}

void Table::add(std::vector<std::string> cells, bool marked) {
  rows_.push_back({std::move(cells), marked});
}

std::string Table::html() const {
  std::string text = "<div class=\"scroll\"><table>\n<thead><tr>";
  for (const std::string &head : heads_) text += "<th>" + escaped(head) + "</th>";
  text += "</tr></thead>\n<tbody>\n";
  for (const Row &row : rows_) {
    text += row.marked ? "<tr class=\"marked\">" : "<tr>";
    for (const std::string &cell : row.cells) text += "<td>" + escaped(cell) + "</td>";
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string page(const std::string &title, const std::string &body) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escaped(title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n" + body +
         "</body>\n</html>\n";
}

}  // namespace feat::bench
