#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: ExpressionTool
id: select
label: Pick the significant trends
doc: Read the p values of all trends; name the significant ones, sorted, and the clearest of them.
intent: [http://edamontology.org/operation_3695]
requirements:
  InlineJavascriptRequirement: {}
inputs:
  trends:
    type: File[]
    label: trends
    doc: Results of the trend step.
    format: edam:format_3464
    loadContents: true
  alpha:
    type: double
    label: level of significance
    doc: A trend needs a p value below it.
outputs:
  significant:
    type: string[]
    label: significant series
    doc: Names of the series with a significant trend, sorted.
  clearest:
    type: string?
    label: clearest trend
    doc: Name of the series with the smallest p value; null where none is significant.
expression: |-
  ${
    var found = inputs.trends
      .map(function (trend) { return JSON.parse(trend.contents); })
      .filter(function (trend) { return trend.p_value < inputs.alpha; });
    found.sort(function (a, b) { return a.p_value - b.p_value; });
    return {
      "significant": found.map(function (trend) { return trend.name; }).sort(),
      "clearest": found.length > 0 ? found[0].name : null
    };
  }

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
