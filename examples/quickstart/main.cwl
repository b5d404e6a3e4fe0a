#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: Workflow
id: main
label: Trends in long environmental records
doc: |-
  Does a long record rise, fall, or only fluctuate?

  Each series is cleaned, averaged by year and tested for a monotonic trend (Theil-Sen slope,
  Mann-Kendall test corrected for autocorrelation). A significant trend is subtracted; the results
  are gathered in a table and a drawing.

  Input: tables of dated, yearly or monthly values, each with a JSON sidecar that says which it is.
  Output: a summary, the joined anomalies, drawings, and per series the yearly means and the trend.
intent: [http://edamontology.org/operation_2238, http://edamontology.org/operation_0337]
requirements:
  InlineJavascriptRequirement: {}
  ScatterFeatureRequirement: {}
  StepInputExpressionRequirement: {}
  SubworkflowFeatureRequirement: {}
inputs:
  series:
    type: File[]
    label: series
    doc: Tables of values, each with a sidecar of the same name that ends in .json.
    format: edam:format_3752
    secondaryFiles:
      - pattern: ^.json
        required: true
  alpha:
    type: double
    label: level of significance
    doc: A trend counts as significant when its p value is below this level, 0 to 1.
    default: 0.05
  completeness:
    type: double
    label: completeness
    doc: Share of the observations of a full year that a year needs to be used, 0 to 1.
    default: 0.8
  title:
    type: string
    label: title
    doc: Heading of the drawing of all series.
    default: Trends
  draw:
    type: boolean
    label: draw
    doc: Whether to draw all series on one sheet.
    default: true
outputs:
  summary:
    type: File
    label: summary
    doc: One row a series with slope, interval, test and verdict.
    format: edam:format_3752
    outputSource: summarise/table
  anomalies:
    type: File
    label: anomalies
    doc: One row a year, one column a series, trend or mean subtracted.
    format: edam:format_3752
    outputSource: join/table
  figure:
    type: File?
    label: figure
    doc: All series and their trends, where it was asked for.
    format: edam:format_3604
    outputSource: draw_all/drawing
  drawings:
    type: File[]
    label: drawings
    doc: One drawing a series.
    format: edam:format_3604
    outputSource: analyse/drawing
  means:
    type: File[]
    label: yearly means
    doc: Means of the complete years of each series, with a sidecar.
    format: edam:format_3752
    secondaryFiles:
      - pattern: ^.json
        required: true
    outputSource: analyse/means
  trends:
    type: File[]
    label: trends
    doc: Slope, interval and test of each series.
    format: edam:format_3464
    outputSource: analyse/trend
  detrended:
    type: File[]
    label: detrended series
    doc: Yearly means minus the trend, for the series with a significant trend alone.
    format: edam:format_3752
    outputSource: analyse/detrended
    pickValue: all_non_null
  significant:
    type: string[]
    label: significant series
    doc: Names of the series with a significant trend, sorted.
    outputSource: select/significant
  clearest:
    type: string?
    label: clearest trend
    doc: Name of the series with the smallest p value, if any is significant.
    outputSource: select/clearest
steps:
  analyse:
    label: Analyse each series
    doc: The subworkflow runs once a series.
    run: tools/series.cwl
    scatter: table
    in:
      table: series
      alpha: alpha
      completeness: completeness
    out: [description, means, trend, detrended, anomalies, drawing]
  summarise:
    label: Gather the trends
    doc: The table is sorted by name, so its bytes do not depend on the order of the series.
    run: tools/summary.cwl
    in:
      trends: analyse/trend
      alpha: alpha
    out: [table]
  join:
    label: Join the anomalies
    doc: Series of different length meet in one table.
    run: tools/join.cwl
    in:
      anomalies: analyse/anomalies
    out: [table]
  select:
    label: Pick the significant trends
    doc: Reads the trends as JSON.
    run: tools/select.cwl
    in:
      trends: analyse/trend
      alpha: alpha
    out: [significant, clearest]
  draw_all:
    label: Draw all series
    doc: Runs only where the drawing is asked for.
    run: tools/plot.cwl
    when: $(inputs.draw)
    in:
      draw: draw
      title: title
      alpha: alpha
      yearly: analyse/means
      trends: analyse/trend
      descriptions: analyse/description
      filename: {default: figure.svg}
    out: [drawing]

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
s:keywords: [time series, trend analysis, Mann-Kendall test, Theil-Sen estimator, climate]
s:about:
  - '@type': https://schema.org/DefinedTerm
    s:name: Statistics and probability
    s:url: http://edamontology.org/topic_2269
s:citation:
  - https://doi.org/10.1080/01621459.1968.10480934
  - https://doi.org/10.1023/B:WARM.0000043140.61082.60
