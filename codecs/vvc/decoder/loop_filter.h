// SPDX-License-Identifier: LGPL-2.1-or-later
//
// In-loop filters in the order of clause 8.8.1, a row of CTUs at a time. What a row needs of its
// neighbours must be done before: see PictureJob.
#pragma once

#include "codecs/vvc/decoder/coded_picture.h"

namespace feat::vvc {

// Whether a filter at CTU `at` may look at samples of the CTU `other`.
bool may_cross(const CodedPicture &picture, const CtuInfo &at, const CtuInfo &other);

// Luma mapping and deblocking change Frame::samples.
void unmap_row(CodedPicture &picture, int row);
void deblock_row(CodedPicture &picture, int row, bool vertical_edges);

// SAO goes from Frame::samples to Frame::filtered, ALF from there back if there is SAO, else the
// same way.
bool uses_sao(const CodedPicture &picture);
bool uses_alf(const CodedPicture &picture);
void sao_row(CodedPicture &picture, int row);
// Replicates the picture's border around what ALF starts from.
void prepare_alf_row(CodedPicture &picture, int row);
void alf_row(CodedPicture &picture, int row);
// The result of all filters.
const SamplePlane &filtered_plane(const CodedPicture &picture);

}  // namespace feat::vvc
