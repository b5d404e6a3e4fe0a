#!/usr/bin/env nextflow

/*
 * Words of texts, counted for each text and in all.
 */

params.texts = "$projectDir/texts/*.txt"
params.least = 3

process COUNT {
    tag "$name"
    cpus 1
    memory '64 MB'

    input:
    tuple val(name), path(text)
    val least

    output:
    tuple val(name), path("${name}.count"), emit: counts

    script:
    def option = least > 1 ? "-ge $least" : "-ge 1"
    """
    tr -s '[:space:]' '\\n' < $text | while read -r word; do
        [ \${#word} $option ] && echo "\$word" || true
    done | sort | uniq -c | sed 's/^ *//' > ${name}.count
    """
}

process TOTAL {
    publishDir 'results'

    input:
    path counts

    output:
    path 'total.txt'

    script:
    """
    cat $counts | awk '{n += \$1} END {print n}' > total.txt
    """
}

workflow {
    texts = Channel.fromPath(params.texts)
        .map { file -> tuple(file.baseName.toUpperCase(), file) }

    COUNT(texts, params.least)

    COUNT.out.counts
        .map { name, count -> count }
        .collect()
        | TOTAL

    COUNT.out.counts
        .map { name, count -> "$name: ${count.readLines().size()} words" }
        .view()
}
