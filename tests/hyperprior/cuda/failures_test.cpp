// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Each call of the CUDA runtime fails once: a sentence comes of it, and the next unit is coded.
#include "codecs/hyperprior/cuda/cuda_backend.h"
#include "codecs/hyperprior/cuda/device_choice.h"
#include "tests/hyperprior/cuda/serial_runtime.h"
#include "tests/unit/hyperprior_nets.h"

namespace feat::hyperprior::test {
namespace {

using ::test::fail_call;

void expect_sentence(const std::string &text) {
  EXPECT_NE(text.find(" failed: a test made it fail"), std::string::npos) << text;
}

// Calls `work` on something that `make` makes, with another call failing each time, until none is
// left. Then `work` is called again, and works. Returns how many calls failed.
template <class Make, class Work>
int fail_each(const Make &make, const Work &work) {
  int number = 0;
  for (bool good = false; !good; ++number) {
    auto made = make();
    fail_call(number);
    BackendError error;
    good = work(*made, error);
    fail_call(-1);
    if (!good) expect_sentence(error.text);
    EXPECT_FALSE(error.damaged);
    EXPECT_TRUE(work(*made, error)) << error.text;
  }
  return number - 1;
}

class CudaFailures : public testing::Test {
 protected:
  std::unique_ptr<CudaBackend> make() const {
    auto backend = std::make_unique<CudaBackend>(model, 0);
    backend->measure_stages();
    return backend;
  }
  bool encode(CudaBackend &backend, CodedLatents &coded, BackendError &error) const {
    return backend.encode({y.data(), kLatents, 12, 12}, {z.data(), kHyperLatents, 6, 6}, true,
                          coded, error);
  }

  std::shared_ptr<const EntropyModel> model = load_entropy(small_model().file());
  std::vector<float> y = std::vector<float>(kLatents * 12 * 12, 700);
  std::vector<float> z = std::vector<float>(kHyperLatents * 6 * 6, 3);
};

TEST_F(CudaFailures, WhenTheBackendIsMade) {
  int number = 0;
  for (bool good = false; !good; ++number) {
    fail_call(number);
    try {
      const CudaBackend backend(model, 0);
      good = true;
    } catch (const CudaFailure &failure) {
      expect_sentence(failure.text);
    }
    fail_call(-1);
  }
  EXPECT_GT(number, 20);
}

TEST_F(CudaFailures, WhenAUnitIsEncoded) {
  EXPECT_GT(fail_each([&] { return make(); },
                      [&](CudaBackend &backend, BackendError &error) {
                        CodedLatents coded;
                        return encode(backend, coded, error);
                      }),
            20);
}

TEST_F(CudaFailures, WhenAUnitIsDecoded) {
  const auto encoder = make();
  CodedLatents coded;
  BackendError none;
  ASSERT_TRUE(encode(*encoder, coded, none)) << none.text;
  const std::vector<float> gains = model->gains(0);
  EXPECT_GT(fail_each([&] { return make(); },
                      [&](CudaBackend &backend, BackendError &error) {
                        FloatMap map;
                        return backend.decode(coded, 6, 6, gains.data(), map, error);
                      }),
            20);
}

TEST(CudaNoDevice, IsASentence) {
  std::string error;
  fail_call(0);
  EXPECT_LT(choose_device("auto", error), 0);
  EXPECT_EQ(error, "no CUDA device: a test made it fail");
}

}  // namespace
}  // namespace feat::hyperprior::test
