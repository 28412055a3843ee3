// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/payload.h"

#include "codecs/common/parallel.h"
#include "codecs/feature/image_payload.h"
#include "codecs/feature/layout.h"
#include "codecs/feature/matrix_coder.h"

namespace feat::native {

namespace {

std::vector<Job> jobs_of(const UnitHeader &header) {
  return split_jobs(MatrixShape(header.tensor.shape), header.layout == Layout::kGrid);
}

std::vector<uint32_t> priors_of(const UnitHeader &header, const ProfileData *profile) {
  return profile != nullptr ? prior_means(profile->deviations, header.step_code)
                            : std::vector<uint32_t>();
}

template <class Coder>
void code_job(const MatrixShape &shape, const Job &job, const float *in, float *out, Coder &coder) {
  for (uint64_t m = 0; m < job.matrices; ++m) {
    const size_t first = ((job.first_matrix + m) * shape.rows + job.first_row) * shape.columns;
    coder.code({in != nullptr ? in + first : nullptr, out != nullptr ? out + first : nullptr,
                job.rows, shape.columns, job.first_row});
  }
}

}  // namespace

Search search_of(int effort) {
  constexpr Search kSearches[kMaxEffort + 1] = {
      {0.45F, 0}, {0.4F, 1}, {0.4F, 2}, {0.4F, 3}, {0.4F, 4}};
  return kSearches[effort];
}

Quantizer quantizer_of(int effort) {
  return effort == 0 ? Quantizer::kScalar : Quantizer::kDependent;
}

CodedPayload encode_payload(const UnitHeader &header, const ProfileData *profile,
                            std::span<const float> values, const Search &search, int threads) {
  if (header.layout == Layout::kImage) return encode_images(header, values, search, threads);
  const MatrixShape shape(header.tensor.shape);
  const std::vector<Job> jobs = jobs_of(header);
  const std::vector<uint32_t> priors = priors_of(header, profile);
  std::vector<CodedPayload> coded(jobs.size());
  in_parallel(threads, jobs.size(), [&](size_t i) {
    RowEncoder rows(
        {header.step_code, header.quantizer, search.lambda * search.thrift, search.rounds},
        coded[i].bytes);
    MatrixCoder<RowEncoder> coder(header, profile, priors, rows);
    code_job(shape, jobs[i], values.data(), nullptr, coder);
    rows.finish();
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

Status decode_payload(const UnitHeader &header, const ProfileData *profile,
                      std::span<const uint8_t> payload, int threads, std::span<float> values) {
  if (header.layout == Layout::kImage) return decode_images(header, payload, threads, values);
  const MatrixShape shape(header.tensor.shape);
  const std::vector<Job> jobs = jobs_of(header);
  ByteReader reader(payload);
  std::vector<uint64_t> sizes(jobs.size());
  for (size_t i = 0; i + 1 < jobs.size(); ++i) sizes[i] = reader.varint();
  std::vector<std::span<const uint8_t>> parts(jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i)
    parts[i] = i + 1 < jobs.size() ? reader.take(sizes[i]) : reader.rest();
  if (reader.failed())
    return {Status::Code::kCorrupt, "the unit's payload of " + std::to_string(payload.size()) +
                                        " bytes is shorter than the sizes of its " +
                                        std::to_string(jobs.size()) + " parts"};
  const std::vector<uint32_t> priors = priors_of(header, profile);
  in_parallel(threads, jobs.size(), [&](size_t i) {
    RowDecoder rows({header.step_code, header.quantizer}, parts[i]);
    MatrixCoder<RowDecoder> coder(header, profile, priors, rows);
    code_job(shape, jobs[i], nullptr, values.data(), coder);
  });
  return {};
}

Status check_layout(const UnitHeader &header, const ProfileData *profile) {
  const MatrixShape shape(header.tensor.shape);
  if (profile != nullptr && profile->channels != shape.columns)
    return {Status::Code::kProfile,
            "the profile is for rows of " + std::to_string(profile->channels) +
                " channels, the tensor's rows have " + std::to_string(shape.columns)};
  if (header.layout == Layout::kGrid) {
    const bool fits = header.special_rows < shape.rows && header.grid_height > 0 &&
                      (shape.rows - header.special_rows) % header.grid_height == 0;
    if (!fits)
      return {Status::Code::kCorrupt, "a grid " + std::to_string(header.grid_height) +
                                          " high behind " + std::to_string(header.special_rows) +
                                          " rows does not fit a matrix of " +
                                          std::to_string(shape.rows) + " rows"};
  }
  if (header.layout == Layout::kImage && header.profile_id != 0)
    return {Status::Code::kCorrupt, "the unit has the image layout, which takes no profile"};
  return {};
}

}  // namespace feat::native
