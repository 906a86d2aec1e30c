"""Charts written out for other programs: as SVG, and as Vega-Lite."""
