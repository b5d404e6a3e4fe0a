#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
id: bwa_mem
label: Align read pairs
doc: Align both reads of each pair to the reference; mates stay together.
intent: [http://edamontology.org/operation_3198]
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 256
    outdirMin: 50
  SoftwareRequirement:
    packages:
      bwa:
        version: ["0.7.17"]
        specs: ["https://bio.tools/bwa"]
baseCommand: [bwa, mem]
arguments:
  - {position: 1, prefix: -t, valueFrom: $(runtime.cores)}
  - {position: 1, prefix: -R, valueFrom: '@RG\tID:$(inputs.sample)\tSM:$(inputs.sample)\tPL:ILLUMINA'}
inputs:
  sample:
    type: string
    label: sample
    doc: Name of the sample; the result is called after it.
  reference:
    type: File
    label: reference
    doc: Genome with bwa's index.
    format: edam:format_1929
    secondaryFiles: [.amb, .ann, .bwt, .pac, .sa]
    inputBinding: {position: 2}
  reads_1:
    type: File
    label: first reads
    doc: First read of each pair, may be gzipped.
    format: edam:format_1930
    inputBinding: {position: 3}
  reads_2:
    type: File
    label: second reads
    doc: Second read of each pair, in the same order.
    format: edam:format_1930
    inputBinding: {position: 4}
outputs:
  alignments:
    type: stdout
    label: alignments
    doc: Alignments, grouped by name of the read.
    format: edam:format_2573
stdout: $(inputs.sample).sam

$namespaces:
  edam: http://edamontology.org/
  s: https://schema.org/
s:author:
  - '@type': https://schema.org/Organization
    s:name: The fairwf developers
s:license: https://spdx.org/licenses/Apache-2.0
s:version: 1.0.0
