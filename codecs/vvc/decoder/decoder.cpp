// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <deque>
#include <exception>
#include <new>

#include "codecs/vvc/decoder/headers.h"
#include "codecs/vvc/decoder/loop_filter.h"
#include "codecs/vvc/decoder/nal.h"
#include "codecs/vvc/decoder/parameter_sets.h"
#include "codecs/vvc/decoder/sei.h"
#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {
namespace {

bool is_slice(NalType type) {
  return static_cast<int>(type) <= 11;
}

// Hash of the whole picture, one byte a sample for 8 bit, else two, little endian.
Md5Digest picture_md5(const Frame &frame) {
  Md5 md5;
  std::vector<uint8_t> row;
  const size_t width = static_cast<size_t>(frame.width);
  for (int y = 0; y < frame.height; y++) {
    const uint16_t *samples = frame.samples.data() + static_cast<size_t>(y) * width;
    row.clear();
    for (size_t x = 0; x < width; x++) {
      row.push_back(static_cast<uint8_t>(samples[x]));
      if (frame.bit_depth > 8) row.push_back(static_cast<uint8_t>(samples[x] >> 8));
    }
    md5.update(row);
  }
  return md5.finish();
}

class DecoderImpl : public Decoder {
 public:
  explicit DecoderImpl(const DecoderConfig &config) : config_(config) {}

  Status decode(std::span<const uint8_t> unit, Picture &picture) override {
    picture = Picture();
    try {
      decode_unit(unit, picture);
      return {};
    } catch (const DecodeError &error) {
      picture = Picture();
      return error.status;
    } catch (const std::bad_alloc &) {
      picture = Picture();
      return {Status::Code::kLimit, "there is not enough memory for the picture"};
    } catch (const std::exception &error) {
      picture = Picture();
      return {Status::Code::kCorrupt, std::string("the unit cannot be decoded: ") + error.what()};
    }
  }

  void submit(std::span<const uint8_t> unit) override {
    Done &done = done_.emplace_back();
    done.status = decode(unit, done.picture);
  }

  Status receive(Picture &picture) override {
    picture = Picture();
    if (done_.empty()) return {Status::Code::kInvalidArgument, "no unit is pending"};
    Done done = std::move(done_.front());
    done_.pop_front();
    picture = std::move(done.picture);
    return done.status;
  }

  int pending() const override { return static_cast<int>(done_.size()); }
  bool ready() const override { return !done_.empty(); }

  void reset() override {
    done_.clear();
    sets_ = ParameterSets();
    frame_ = Frame();
  }

 private:
  struct Done {
    Status status;
    Picture picture;
  };

  void decode_unit(std::span<const uint8_t> unit, Picture &picture) {
    ph_.reset();
    window_ = Window();
    bool decoded = false;
    SeiMessages sei;
    NalUnit nal;
    while (next_nal_unit(unit, nal)) {
      if (nal.layer_id != 0) continue;  // another layer than the base
      if (is_slice(nal.type)) {
        if (decoded) fail_corrupt("the unit holds more than one slice");
        decode_slice(nal);
        decoded = true;
      } else {
        parse_other(nal, sei);
      }
    }
    if (!decoded) fail_corrupt("the unit holds no coded picture");
    if (sei.picture_md5) {
      if (picture_md5(frame_) != *sei.picture_md5) {
        fail(Status::Code::kChecksum, "the decoded picture does not agree with its MD5 message");
      }
      picture.md5_present = true;
    }
    picture.user_data = std::move(sei.user_data);
    output(picture);
  }

  void parse_other(const NalUnit &nal, SeiMessages &sei) {
    switch (nal.type) {
      case NalType::kSps: {
        const std::vector<uint8_t> payload = unescape(nal.payload);
        if (payload.empty()) fail_corrupt("an SPS is empty");
        auto &slot = sets_.sps[payload[0] >> 4];
        slot.reset();  // a damaged one must not leave its forerunner in force
        BitReader r(payload);
        slot = parse_sps(r);
        break;
      }
      case NalType::kPps: {
        const std::vector<uint8_t> payload = unescape(nal.payload);
        if (payload.empty()) fail_corrupt("a PPS is empty");
        auto &slot = sets_.pps[payload[0] >> 2];
        slot.reset();
        BitReader r(payload);
        slot = parse_pps(r);
        break;
      }
      case NalType::kPrefixAps:
      case NalType::kSuffixAps:
        parse_aps(unescape(nal.payload));
        break;
      case NalType::kPictureHeader: {
        const std::vector<uint8_t> payload = unescape(nal.payload);
        BitReader r(payload);
        ph_ = parse_picture_header(r, sets_);
        break;
      }
      case NalType::kPrefixSei:
      case NalType::kSuffixSei:
        parse_sei(unescape(nal.payload), sei);
        break;
      default:
        break;  // nothing that a picture depends on
    }
  }

  // Adaptation parameter set; of other types than those below nothing is needed.
  void parse_aps(const std::vector<uint8_t> &payload) {
    constexpr uint32_t kAlf = 0;
    constexpr uint32_t kLmcs = 1;
    BitReader r(payload);
    const uint32_t type = r.bits(3);
    const uint32_t id = r.bits(5);
    const bool chroma_present = r.flag();
    if (type == kLmcs) {
      if (id >= sets_.lmcs.size()) fail_corrupt("a luma mapping APS has an id above 3");
      sets_.lmcs[id].reset();
      sets_.lmcs[id] = parse_lmcs(r, chroma_present);
    } else if (type == kAlf) {
      if (id >= sets_.alf.size()) fail_corrupt("an ALF APS has an id above 7");
      sets_.alf[id].reset();
      sets_.alf[id] = parse_alf(r, chroma_present);
    }
  }

  void decode_slice(const NalUnit &nal) {
    const std::vector<uint8_t> payload = unescape(nal.payload);
    BitReader r(payload);
    const bool ph_inside = r.flag();
    if (ph_inside) ph_ = parse_picture_header(r, sets_);
    if (!ph_) fail_corrupt("a slice comes before its picture header");
    const Pps &pps = sets_.pps_of(ph_->pps_id);
    const Sps &sps = sets_.sps_of(pps);
    const SliceHeader sh = parse_slice_header(r, nal.type, *ph_, ph_inside, sps, pps);
    const LmcsModel *lmcs = nullptr;
    if (sh.lmcs) {
      const auto &found = sets_.lmcs[static_cast<size_t>(ph_->lmcs_aps_id)];
      if (!found) {
        fail_corrupt("the picture refers to luma mapping APS " + std::to_string(ph_->lmcs_aps_id) +
                     ", which is missing");
      }
      lmcs = &*found;
    }
    std::vector<AlfFilters> alf;
    for (int i = 0; i < sh.alf_aps_count; i++) {
      const size_t id = sh.alf_aps_ids[static_cast<size_t>(i)];
      if (!sets_.alf[id]) {
        fail_corrupt("the picture refers to ALF APS " + std::to_string(id) + ", which is missing");
      }
      alf.push_back(*sets_.alf[id]);
    }
    start_picture(sps, pps);
    const std::span<const uint8_t> data = std::span(payload).subspan(r.bit_position() / 8);
    SliceDecoder(sps, pps, *ph_, sh, frame_).decode(data);
    if (lmcs != nullptr) inverse_map_picture(frame_, *lmcs);
    deblock_picture(frame_, sh, sps.log2_ctu);
    sao_picture(frame_, sh, sps.log2_ctu);
    if (sh.alf) alf_picture(frame_, alf, sps.log2_ctu);
  }

  void start_picture(const Sps &sps, const Pps &pps) {
    const int side = 1 << sps.log2_min_cb;
    if (pps.width == 0 || pps.height == 0 || pps.width > sps.width || pps.height > sps.height ||
        pps.width % std::max(side, 8) != 0 || pps.height % std::max(side, 8) != 0) {
      fail_corrupt("the picture size " + std::to_string(pps.width) + "x" +
                   std::to_string(pps.height) + " of the PPS does not agree with its SPS");
    }
    const uint64_t points = static_cast<uint64_t>(pps.width) * static_cast<uint64_t>(pps.height);
    if (points > config_.max_points) {
      fail(Status::Code::kLimit, "a picture of " + std::to_string(pps.width) + "x" +
                                     std::to_string(pps.height) + " has more than max-points " +
                                     std::to_string(config_.max_points) + " samples");
    }
    const bool full_size = pps.width == sps.width && pps.height == sps.height;
    if (full_size) {
      window_ = {sps.crop_left, sps.crop_right, sps.crop_top, sps.crop_bottom};
    } else {
      window_ = {pps.crop_left, pps.crop_right, pps.crop_top, pps.crop_bottom};
    }
    if (window_.left + window_.right >= pps.width || window_.top + window_.bottom >= pps.height) {
      fail_corrupt("the conformance window leaves nothing of the picture");
    }
    frame_.reset(pps.width, pps.height, sps.bit_depth, sps.log2_ctu);
  }

  void output(Picture &picture) const {
    picture.width = frame_.width - window_.left - window_.right;
    picture.height = frame_.height - window_.top - window_.bottom;
    picture.bit_depth = frame_.bit_depth;
    const auto width = static_cast<size_t>(picture.width);
    picture.samples.resize(width * static_cast<size_t>(picture.height));
    for (int y = 0; y < picture.height; y++) {
      const uint16_t *row =
          frame_.samples.data() +
          static_cast<size_t>(y + window_.top) * static_cast<size_t>(frame_.width) + window_.left;
      std::copy_n(row, width, picture.samples.data() + static_cast<size_t>(y) * width);
    }
  }

  struct Window {
    int left = 0, right = 0, top = 0, bottom = 0;
  };

  const DecoderConfig config_;
  std::deque<Done> done_;
  ParameterSets sets_;
  std::optional<PictureHeader> ph_;
  Frame frame_;
  Window window_;
};

}  // namespace

std::unique_ptr<Decoder> Decoder::create(const DecoderConfig &config) {
  return std::make_unique<DecoderImpl>(config);
}

bool peek_stream_info(std::span<const uint8_t> data, StreamInfo &info) {
  try {
    NalUnit nal;
    while (next_nal_unit(data, nal)) {
      if (nal.type != NalType::kSps || nal.layer_id != 0) continue;
      const std::vector<uint8_t> payload = unescape(nal.payload);
      BitReader r(payload);
      const Sps sps = parse_sps_format(r);
      info.width = sps.width - sps.crop_left - sps.crop_right;
      info.height = sps.height - sps.crop_top - sps.crop_bottom;
      info.bit_depth = sps.bit_depth;
      info.ptl = sps.ptl;
      return true;
    }
  } catch (const DecodeError &) {
    return false;
  } catch (const std::bad_alloc &) {
    return false;
  }
  return false;
}

}  // namespace feat::vvc
