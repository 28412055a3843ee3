// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where samples of a packed plane stand in what the analysis sees.
#pragma once

#include "codecs/hyperprior/preparation.h"

namespace feat::hyperprior {

// Of Layout::kRows.
struct RowGeometry {
  int height = 0;  // of the prepared plane
  int width = 0;
  int top = 0;  // where the plane's first sample stands
  int left = 0;
};
RowGeometry row_geometry(const ModelDescription &model, int width, int height);

// Of Layout::kColumns: special rows, one after the other without gaps, in the lines above; below
// them the maps, `across` in a row of maps.
struct ColumnGeometry {
  int height = 0;  // of the prepared plane; 0: the layout does not fit the plane
  int width = 0;
  int special_lines = 0;
  int map_height = 0;  // without padding
  int cell_width = 0;  // of a map with its padding
  int cell_height = 0;
  int across = 0;
};
ColumnGeometry column_geometry(const ModelDescription &model, const Preparation &how, int width,
                               int height);

}  // namespace feat::hyperprior
