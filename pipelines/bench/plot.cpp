// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/plot.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace feat::bench {

namespace {

namespace fs = std::filesystem;

// Told apart by people who see red and green as one, and in print (Okabe and Ito).
constexpr const char *kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                    "#e69f00", "#56b4e9", "#333333", "#8a6d00"};

// Inside single quotes, where '' is a quotation mark.
std::string quoted(const std::string &text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

std::string script_of(const Plot &plot) {
  std::ostringstream s;
  s.precision(10);
  s << "set terminal svg size 620,400 dynamic noenhanced font 'sans-serif,13' background "
       "'#ffffff'\n"
    << "set border 3 lc rgb '#666666'\nset grid lc rgb '#e5e5e5'\nset tics nomirror\n"
    << "set key outside below height 1\nset title " << quoted(plot.title) << "\nset xlabel "
    << quoted(plot.x) << "\nset ylabel " << quoted(plot.y) << "\n";
  if (plot.log_x) s << "set logscale x 10\n";
  if (plot.log_y) s << "set logscale y 10\nset format y '%g'\n";
  if (!plot.right.empty())
    s << "set border 11 lc rgb '#666666'\nset y2tics\nset y2range [0:1]\nset y2label "
      << quoted(plot.right) << "\n";
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    s << "$d" << i << " << EOD\n";
    for (const auto &[x, y] : plot.lines[i].points) s << x << " " << y << "\n";
    s << "EOD\n";
  }
  s << "plot ";
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const Line &line = plot.lines[i];
    s << (i > 0 ? ", " : "") << "$d" << i << " axes " << (line.right ? "x1y2" : "x1y1") << " with "
      << (line.points_too ? "linespoints pt 7 ps 0.6" : "lines") << " lw 2"
      << (line.dashed ? " dt 2" : "") << " lc rgb '"
      << kColours[static_cast<size_t>(line.colour) % std::size(kColours)] << "' title "
      << quoted(line.title);
  }
  s << "\n";
  return s.str();
}

// A folder that goes away with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "feature-bench-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~ScratchFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder &) = delete;
  ScratchFolder &operator=(const ScratchFolder &) = delete;
  const std::string &path() const { return path_; }

 private:
  std::string path_;
};

// Without the XML declaration and comments, which have no place inside a page.
std::string only_svg(const std::string &text) {
  const size_t begin = text.find("<svg");
  const size_t end = text.rfind("</svg>");
  if (begin == std::string::npos || end == std::string::npos) return {};
  return text.substr(begin, end + 6 - begin);
}

// Points that the axes cannot show are left out.
Plot drawable(const Plot &plot) {
  Plot result = plot;
  for (Line &line : result.lines)
    std::erase_if(line.points, [&](const std::pair<double, double> &p) {
      return !std::isfinite(p.first) || !std::isfinite(p.second) || (plot.log_x && p.first <= 0) ||
             (plot.log_y && !line.right && p.second <= 0);
    });
  std::erase_if(result.lines, [](const Line &line) { return line.points.empty(); });
  return result;
}

}  // namespace

std::string draw(const Plot &asked) {
  const Plot plot = drawable(asked);
  const ScratchFolder folder;
  if (plot.lines.empty() || folder.path().empty()) return {};
  const std::string script = folder.path() + "/plot.gnuplot";
  const std::string picture = folder.path() + "/plot.svg";
  std::ofstream(script) << "set output " << quoted(picture) << "\n" << script_of(plot);
  if (std::system(("gnuplot '" + script + "' 2>/dev/null").c_str()) != 0) return {};
  std::ifstream file(picture);
  std::stringstream text;
  text << file.rdbuf();
  return only_svg(text.str());
}

}  // namespace feat::bench
