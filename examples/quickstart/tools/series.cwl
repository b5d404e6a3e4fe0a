#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: Workflow
id: series
label: Analyse one series
doc: >-
  Clean one series, average it by year, estimate and test its trend, subtract the trend where it is
  significant (the mean otherwise), and plot it.
intent: [http://edamontology.org/operation_2238]
requirements:
  InlineJavascriptRequirement: {}
  StepInputExpressionRequirement: {}
  MultipleInputFeatureRequirement: {}
inputs:
  table:
    type: File
    label: series
    doc: Table of values with its sidecar.
    format: edam:format_3752
    secondaryFiles:
      - pattern: ^.json
        required: true
  alpha:
    type: double
    label: level of significance
    doc: A trend needs a p value below it.
  completeness:
    type: double
    label: completeness
    doc: Share of the observations of a full year that a year needs, 0 to 1.
outputs:
  description:
    label: description
    doc: What the sidecar says about the series.
    outputSource: describe/description
    type:
      type: record
      fields:
        title: string
        quantity: string
        unit: string
        layout: {type: {type: enum, symbols: [dated, yearly, monthly]}}
        observations_per_year: int
  means:
    type: File
    label: yearly means
    doc: Means of the complete years, with a sidecar.
    format: edam:format_3752
    secondaryFiles:
      - pattern: ^.json
        required: true
    outputSource: average/means
  trend:
    type: File
    label: trend
    doc: Slope, confidence interval and test of the series.
    format: edam:format_3464
    outputSource: test/trend
  detrended:
    type: File?
    label: detrended series
    doc: Yearly means minus the trend; null where the trend is not significant.
    format: edam:format_3752
    outputSource: detrend/anomalies
  anomalies:
    type: File
    label: anomalies
    doc: The detrended series where there is one, else the series minus its mean.
    format: edam:format_3752
    outputSource: [detrend/anomalies, centre/anomalies]
    pickValue: the_only_non_null
  drawing:
    type: File
    label: drawing
    doc: The series and its trend.
    format: edam:format_3604
    outputSource: draw/drawing
steps:
  describe:
    label: Read the sidecar
    doc: The secondary file of the table says how to read it.
    run: describe.cwl
    in:
      sidecar:
        source: table
        valueFrom: $(self.secondaryFiles[0])
    out: [description]
  tidy:
    label: One row per observation
    doc: Three layouts become one.
    run: tidy.cwl
    in:
      table: table
      layout:
        source: describe/description
        valueFrom: $(self.layout)
    out: [rows]
  sort:
    label: Sort by date
    doc: Later steps may rely on the order.
    run: sort.cwl
    in:
      rows: tidy/rows
    out: [sorted]
  average:
    label: Yearly means
    doc: Seasons would hide the trend.
    run: yearly.cwl
    in:
      observations: sort/sorted
      table: table
      name:
        valueFrom: $(inputs.table.nameroot)
      unit:
        source: describe/description
        valueFrom: $(self.unit)
      observations_per_year:
        source: describe/description
        valueFrom: $(self.observations_per_year)
      completeness: completeness
    out: [means]
  test:
    label: Trend and its test
    doc: The confidence level of the interval belongs to the level of significance of the test.
    run: trend.cwl
    in:
      yearly: average/means
      table: table
      name:
        valueFrom: $(inputs.table.nameroot)
      confidence:
        source: alpha
        valueFrom: $(1 - self)
    out: [trend, p_value]
  detrend:
    label: Subtract a significant trend
    doc: Runs only where the trend is significant.
    run: anomaly.cwl
    when: $(inputs.p_value < inputs.alpha)
    in:
      p_value: test/p_value
      alpha: alpha
      yearly: average/means
      trend: test/trend
      table: table
      filename:
        valueFrom: $(inputs.table.nameroot).detrended.csv
    out: [anomalies]
  centre:
    label: Subtract the mean
    doc: Runs only where the trend is not significant.
    run: anomaly.cwl
    when: $(inputs.p_value >= inputs.alpha)
    in:
      p_value: test/p_value
      alpha: alpha
      yearly: average/means
      table: table
      filename:
        valueFrom: $(inputs.table.nameroot).centred.csv
    out: [anomalies]
  draw:
    label: Plot the series
    doc: The plotting tool takes lists, here of one.
    run: plot.cwl
    in:
      title:
        source: describe/description
        valueFrom: Trend of $(self.quantity)
      alpha: alpha
      yearly:
        source: [average/means]
        linkMerge: merge_nested
      trends:
        source: [test/trend]
        linkMerge: merge_nested
      descriptions:
        source: [describe/description]
        linkMerge: merge_nested
      table: table
      filename:
        valueFrom: $(inputs.table.nameroot).svg
    out: [drawing]

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
