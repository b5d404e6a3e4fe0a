rule count:
    input:
        "data/{sample}.txt",
    output:
        "counts/{sample}.txt",
        directory("dirs/{sample}"),
    params:
        letter="a",
        most=3,
    log:
        "logs/{sample}.log",
    benchmark:
        "bench/{sample}.tsv"
    threads: 2
    conda:
        "env.yaml"
    shell:
        "mkdir -p {output[1]}; touch {output[1]}/done; "
        "grep -c -m {params.most} {params.letter} {input} > {output[0]} 2> {log}"
