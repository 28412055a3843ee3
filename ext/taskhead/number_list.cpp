// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/number_list.h"

#include <cmath>
#include <limits>

namespace feat {

namespace {

void install_array(GObjectClass *object_class, guint id, const char *name, const char *nick,
                   const char *blurb, GParamSpec *element) {
  g_object_class_install_property(object_class, id,
                                  gst_param_spec_array(name, nick, blurb, element, kReadyFlags));
}

// A shell may give integers for doubles and the other way round.
template <typename T>
std::vector<T> numbers_of(const GValue *array) {
  std::vector<T> numbers;
  for (guint i = 0; i < gst_value_array_get_size(array); ++i) {
    GValue number = G_VALUE_INIT;
    g_value_init(&number, std::is_same_v<T, int> ? G_TYPE_INT : G_TYPE_DOUBLE);
    if (g_value_transform(gst_value_array_get_value(array, i), &number)) {
      if constexpr (std::is_same_v<T, int>)
        numbers.push_back(g_value_get_int(&number));
      else
        numbers.push_back(g_value_get_double(&number));
    }
    g_value_unset(&number);
  }
  return numbers;
}

template <typename T>
void set_numbers(GValue *array, const std::vector<T> &numbers) {
  g_value_reset(array);
  for (const T number : numbers) {
    GValue value = G_VALUE_INIT;
    if constexpr (std::is_same_v<T, int>) {
      g_value_init(&value, G_TYPE_INT);
      g_value_set_int(&value, number);
    } else {
      g_value_init(&value, G_TYPE_DOUBLE);
      g_value_set_double(&value, number);
    }
    gst_value_array_append_and_take_value(array, &value);
  }
}

}  // namespace

void install_doubles(GObjectClass *object_class, guint id, const char *name, const char *nick,
                     const char *blurb) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  install_array(
      object_class, id, name, nick, blurb,
      g_param_spec_double("number", "Number", "A number", -kInfinity, kInfinity, 0, kReadyFlags));
}

void install_ints(GObjectClass *object_class, guint id, const char *name, const char *nick,
                  const char *blurb) {
  install_array(
      object_class, id, name, nick, blurb,
      g_param_spec_int("number", "Number", "A number", G_MININT, G_MAXINT, 0, kReadyFlags));
}

std::vector<double> doubles_of(const GValue *array) {
  return numbers_of<double>(array);
}

std::vector<int> ints_of(const GValue *array) {
  return numbers_of<int>(array);
}

void set_doubles(GValue *array, const std::vector<double> &numbers) {
  set_numbers(array, numbers);
}

void set_ints(GValue *array, const std::vector<int> &numbers) {
  set_numbers(array, numbers);
}

bool depth_range_of(const std::vector<double> &numbers, DepthRange &range, std::string &error) {
  if (numbers.empty()) return true;
  if (numbers.size() != 2 || !(numbers[0] < numbers[1]) || !std::isfinite(numbers[0]) ||
      !std::isfinite(numbers[1])) {
    error = "depth-range needs two numbers, near and far, as <0.001, 10.0>";
    if (numbers.size() == 2)
      error += ", and nothing is between " + std::to_string(numbers[0]) + " and " +
               std::to_string(numbers[1]);
    error += ".";
    return false;
  }
  range = {static_cast<float>(numbers[0]), static_cast<float>(numbers[1])};
  return true;
}

}  // namespace feat
