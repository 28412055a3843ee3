// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_payload.h"

#include <array>
#include <string>
#include <vector>

#include "codecs/common/parallel.h"
#include "codecs/feature/image_coder.h"
#include "codecs/feature/image_klt.h"
#include "codecs/feature/image_shape.h"
#include "codecs/feature/image_transform.h"

namespace feat::native {

namespace {

using Rotations = std::array<Angles, kRotations>;

// A tensor of the image layout, taken apart.
struct Images {
  explicit Images(const UnitHeader &header)
      : shape(header.tensor.shape),
        channels(shape.channels),
        grid(shape.height, shape.width),
        transform(grid),
        plan(plan_images(shape, grid)) {}

  const ImageShape shape;
  const size_t channels;
  const BlockGrid grid;
  const ImageTransform transform;
  const ImagePlan plan;

  size_t image_points() const { return shape.image_points(); }

  // Calls work(image, channel) for all channels of all images.
  template <class Work>
  void each_plane(int threads, Work &&work) const {
    in_parallel(threads, shape.images * channels,
                [&](size_t i) { work(i / channels, i % channels); });
  }

  // Turns the channels of some images; an empty rotation leaves them.
  void rotate_group(const ImageGroup &group,
                    const std::array<std::vector<float>, kRotations> &rotations,
                    float *coefficients) const {
    for (uint64_t i = 0; i < group.images; ++i) {
      float *image = coefficients + (group.first_image + i) * image_points();
      for (size_t r = 0; r < grid.rows().size(); ++r) {
        for (size_t c = 0; c < grid.columns().size(); ++c) {
          const BlockKind &kind = grid.kind(r, c);
          float *block = image + channels * grid.offset(r, c);
          const size_t split = kind.split;
          if (!rotations[0].empty()) rotate(rotations[0], channels, kind.size(), split, block);
          if (!rotations[1].empty() && split < kind.size())
            rotate(rotations[1], channels, kind.size(), kind.size() - split, block + split);
        }
      }
    }
  }

  // Codes a job with `coder`.
  template <class Coder>
  void code_job(size_t index, Coder &coder, Rotations &rotations,
                typename Coder::Coefficients *coefficients) const {
    const ImageJob &job = plan.jobs[index];
    const ImageGroup &group = plan.groups[job.group];
    if (index == group.first_job) coder.code_rotations(rotations);
    for (uint64_t i = 0; i < group.images; ++i)
      coder.code(job.first_row, job.rows, coefficients + (group.first_image + i) * image_points());
  }
};

// Levels depend on each other more than those of rows do, so a bit is worth less where they are
// searched.
Search image_search(const Search &of_rows) {
  Search search = of_rows;
  if (search.rounds > 0) search.lambda *= 0.825F;
  return search;
}

Rotations choose_rotations(const Images &images, const ImageGroup &group, float distance,
                           const Search &search, const float *coefficients) {
  Rotations rotations;
  if (images.channels < 2 || images.channels > kMaxRotatedChannels) return rotations;
  const CoefficientImages members{images.grid, images.channels, group.images,
                                  coefficients + group.first_image * images.image_points()};
  for (size_t half = 0; half < kRotations; ++half)
    rotations[half] = choose_angles(members, half, distance, search.lambda, search.rounds > 0);
  return rotations;
}

}  // namespace

CodedPayload encode_images(const UnitHeader &header, std::span<const float> values,
                           const Search &of_rows, int threads) {
  const Images images(header);
  const Search search = image_search(of_rows);
  std::vector<float> coefficients(values.size());
  const size_t plane = images.shape.height * images.shape.width;
  images.each_plane(threads, [&](size_t image, size_t channel) {
    images.transform.forward(values.data() + (image * images.channels + channel) * plane,
                             images.channels, channel,
                             coefficients.data() + image * images.image_points());
  });
  std::vector<Rotations> rotations(images.plan.groups.size());
  in_parallel(threads, rotations.size(), [&](size_t g) {
    const ImageGroup &group = images.plan.groups[g];
    rotations[g] =
        choose_rotations(images, group, static_cast<float>(distance_of(header.step_code)), search,
                         coefficients.data());
    std::array<std::vector<float>, kRotations> matrices;
    for (size_t half = 0; half < kRotations; ++half) {
      if (rotations[g][half].bits > 0)
        matrices[half] = rotation_of(rotations[g][half], images.channels);
    }
    images.rotate_group(group, matrices, coefficients.data());
  });
  std::vector<CodedPayload> coded(images.plan.jobs.size());
  in_parallel(threads, coded.size(), [&](size_t i) {
    BitWriter bits(coded[i].bytes);
    ImageCoder<BitWriter> coder(
        images.grid, images.channels,
        {header.step_code, header.quantizer, search.lambda * search.thrift, search.rounds}, bits);
    images.code_job(i, coder, rotations[images.plan.jobs[i].group], coefficients.data());
    bits.finish();
    coded[i].squared_error = coder.squared_error();
  });
  CodedPayload result;
  for (size_t i = 0; i + 1 < coded.size(); ++i) write_varint(coded[i].bytes.size(), result.bytes);
  for (const CodedPayload &job : coded) {
    result.bytes.insert(result.bytes.end(), job.bytes.begin(), job.bytes.end());
    result.squared_error += job.squared_error;
  }
  return result;
}

Status decode_images(const UnitHeader &header, std::span<const uint8_t> payload, int threads,
                     std::span<float> values) {
  const Images images(header);
  const size_t jobs = images.plan.jobs.size();
  ByteReader reader(payload);
  std::vector<uint64_t> sizes(jobs);
  for (size_t i = 0; i + 1 < jobs; ++i) sizes[i] = reader.varint();
  std::vector<std::span<const uint8_t>> parts(jobs);
  for (size_t i = 0; i < jobs; ++i) parts[i] = i + 1 < jobs ? reader.take(sizes[i]) : reader.rest();
  if (reader.failed())
    return {Status::Code::kCorrupt, "the unit's payload of " + std::to_string(payload.size()) +
                                        " bytes is shorter than the sizes of its " +
                                        std::to_string(jobs) + " parts"};
  std::vector<float> coefficients(values.size());
  std::vector<Rotations> rotations(images.plan.groups.size());
  in_parallel(threads, jobs, [&](size_t i) {
    BitReader bits(parts[i]);
    ImageCoder<BitReader> coder(images.grid, images.channels, {header.step_code, header.quantizer},
                                bits);
    images.code_job(i, coder, rotations[images.plan.jobs[i].group], coefficients.data());
  });
  in_parallel(threads, rotations.size(), [&](size_t g) {
    std::array<std::vector<float>, kRotations> matrices;
    for (size_t half = 0; half < kRotations; ++half) {
      if (rotations[g][half].bits > 0)
        matrices[half] =
            inverse_of(rotation_of(rotations[g][half], images.channels), images.channels);
    }
    images.rotate_group(images.plan.groups[g], matrices, coefficients.data());
  });
  const size_t plane = images.shape.height * images.shape.width;
  images.each_plane(threads, [&](size_t image, size_t channel) {
    images.transform.inverse(coefficients.data() + image * images.image_points(), images.channels,
                             channel, values.data() + (image * images.channels + channel) * plane);
  });
  return {};
}

}  // namespace feat::native
