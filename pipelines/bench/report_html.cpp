// SPDX-License-Identifier: LGPL-2.1-or-later
// The page: what was measured, and the sections.
#include "pipelines/bench/page.h"
#include "pipelines/bench/report_files.h"
#include "pipelines/bench/report_sections.h"

namespace feat::bench {

namespace {

std::string list(const std::vector<std::string> &items, const char *kind) {
  std::string text = std::string("<ul class=\"") + kind + "\">\n";
  for (const std::string &item : items) text += "<li>" + escaped(item) + "</li>\n";
  return text + "</ul>\n";
}

std::string introduction(const Summary &summary) {
  const nlohmann::json &machine = summary.machine;
  std::string text = "<p>" + escaped(summary.suite.value("description", "")) + "</p>\n";
  text += "<p class=\"small\">" + escaped(machine.value("date", "")) + "; " +
          escaped(machine.value("processor", "")) + ", " +
          std::to_string(machine.value("cores", 0)) + " cores; GStreamer " +
          escaped(machine.value("gstreamer", "")) + "</p>\n";
  if (!summary.notes.empty()) text += list(summary.notes, "notes");
  return text;
}

std::string codec_list(const Summary &summary) {
  Table table({"codec", "encoder", "decoder"});
  for (const auto &[name, codec] : summary.codecs)
    table.add({name, codec.value("encoder", ""), codec.value("decoder", "")});
  return "<h2 id=\"codecs\">Codecs</h2>\n<p>As pipelines; <code>{trunc}</code>, "
         "<code>{quant}</code> "
         "and <code>{pack}</code> are featuretrunc, featurequant and featurepack under the task's "
         "conditions.</p>\n" +
         table.html();
}

}  // namespace

std::string to_html(const Summary &summary) {
  const Section sections[] = {
      rate_and_metric(summary), accuracy_drop(summary), distortion_metric(summary),
      generalisation(summary),  times(summary),         ablation(summary),
      bd_rates(summary),        histograms(summary),
  };
  const std::string title = summary.suite.value("name", "features");
  std::string body = "<h1>" + escaped(title) + "</h1>\n" + introduction(summary) + "<nav><ul>\n";
  for (const Section &section : sections)
    body += "<li><a href=\"#" + section.id + "\">" + escaped(section.title) + "</a></li>\n";
  body += "<li><a href=\"#codecs\">Codecs</a></li>\n</ul></nav>\n";
  for (const Section &section : sections)
    body += "<h2 id=\"" + section.id + "\">" + escaped(section.title) + "</h2>\n" + section.html;
  return page(title, body + codec_list(summary));
}

}  // namespace feat::bench
