#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: flagstat
label: Count alignments
doc: Count reads, mapped reads and duplicates.
intent: [http://edamontology.org/operation_3218]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
    outdirMin: 50
  SoftwareRequirement:
    packages:
      samtools:
        version: ["1.16.1"]
        specs: ["https://bio.tools/samtools"]
baseCommand: [samtools, flagstat, -O, json]
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  alignments:
    type: File
    label: alignments
    doc: Alignments with duplicates flagged.
    format: edam:format_2572
    inputBinding: {position: 1}
outputs:
  counts:
    type: stdout
    label: counts
    doc: Counts by flag as JSON.
    format: edam:format_3464
stdout: $(inputs.sample).flagstat.json

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
