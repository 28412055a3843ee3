// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pack.h"

#include <cstring>

#include "element.h"

namespace feat {
namespace {

// Calls segment(first element of the tensor, first sample of the row, picture row) for each run of
// layout.width neighbours, and gap(first sample, row) for cells of the grid without a channel.
template <class Segment, class Gap>
void for_each_segment(const PictureLayout &layout, Segment &&segment, Gap &&gap) {
  std::size_t row = 0;
  for (std::size_t image = 0; image < layout.images; image++)
    for (std::size_t grid_row = 0; grid_row < layout.grid_rows; grid_row++)
      for (std::size_t line = 0; line < layout.height; line++, row++)
        for (std::size_t column = 0; column < layout.grid_columns; column++) {
          const std::size_t channel = grid_row * layout.grid_columns + column;
          if (channel >= layout.channels) {
            gap(column * layout.width, row);
            continue;
          }
          const std::size_t plane = image * layout.channels + channel;
          segment((plane * layout.height + line) * layout.width, column * layout.width, row);
        }
}

template <class Code, class Sample>
void pack(const PictureLayout &layout, const std::byte *codes, std::byte *plane,
          std::ptrdiff_t stride, unsigned shift) {
  for_each_segment(
      layout,
      [&](std::size_t element, std::size_t column, std::size_t row) {
        const std::byte *in = codes + element * sizeof(Code);
        std::byte *out = plane + static_cast<std::ptrdiff_t>(row) * stride;
        out += column * sizeof(Sample);
        for (std::size_t i = 0; i < layout.width; i++)
          save(out, i, static_cast<Sample>(static_cast<unsigned>(load<Code>(in, i)) << shift));
      },
      [&](std::size_t column, std::size_t row) {
        std::byte *out = plane + static_cast<std::ptrdiff_t>(row) * stride;
        std::memset(out + column * sizeof(Sample), 0, layout.width * sizeof(Sample));
      });
}

template <class Sample, class Code>
void unpack(const PictureLayout &layout, const std::byte *plane, std::ptrdiff_t stride,
            unsigned shift, std::byte *codes, unsigned max_code) {
  for_each_segment(
      layout,
      [&](std::size_t element, std::size_t column, std::size_t row) {
        const std::byte *in = plane + static_cast<std::ptrdiff_t>(row) * stride;
        in += column * sizeof(Sample);
        std::byte *out = codes + element * sizeof(Code);
        for (std::size_t i = 0; i < layout.width; i++) {
          const unsigned code = static_cast<unsigned>(load<Sample>(in, i)) >> shift;
          save(out, i, static_cast<Code>(code < max_code ? code : max_code));
        }
      },
      [](std::size_t, std::size_t) {});
}

}  // namespace

void pack_plane(const PictureLayout &layout, const void *codes, unsigned code_bytes, void *plane,
                std::ptrdiff_t stride, PlaneFormat format) {
  const std::byte *in = static_cast<const std::byte *>(codes);
  std::byte *out = static_cast<std::byte *>(plane);
  if (code_bytes == 1 && format.bytes == 1)
    pack<std::uint8_t, std::uint8_t>(layout, in, out, stride, format.shift);
  else if (code_bytes == 1)
    pack<std::uint8_t, std::uint16_t>(layout, in, out, stride, format.shift);
  else if (format.bytes == 1)
    pack<std::uint16_t, std::uint8_t>(layout, in, out, stride, format.shift);
  else
    pack<std::uint16_t, std::uint16_t>(layout, in, out, stride, format.shift);
}

void unpack_plane(const PictureLayout &layout, const void *plane, std::ptrdiff_t stride,
                  PlaneFormat format, void *codes, unsigned code_bytes, unsigned max_code) {
  const std::byte *in = static_cast<const std::byte *>(plane);
  std::byte *out = static_cast<std::byte *>(codes);
  if (code_bytes == 1 && format.bytes == 1)
    unpack<std::uint8_t, std::uint8_t>(layout, in, stride, format.shift, out, max_code);
  else if (code_bytes == 1)
    unpack<std::uint16_t, std::uint8_t>(layout, in, stride, format.shift, out, max_code);
  else if (format.bytes == 1)
    unpack<std::uint8_t, std::uint16_t>(layout, in, stride, format.shift, out, max_code);
  else
    unpack<std::uint16_t, std::uint16_t>(layout, in, stride, format.shift, out, max_code);
}

void fill_plane(void *plane, std::ptrdiff_t stride, std::size_t rows, std::size_t n, unsigned bytes,
                unsigned value) {
  for (std::size_t row = 0; row < rows; row++) {
    std::byte *out = static_cast<std::byte *>(plane) + static_cast<std::ptrdiff_t>(row) * stride;
    if (bytes == 1)
      std::memset(out, static_cast<int>(value), n);
    else
      for (std::size_t i = 0; i < n; i++) save(out, i, static_cast<std::uint16_t>(value));
  }
}

}  // namespace feat
