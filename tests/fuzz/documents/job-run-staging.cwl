name: a.txt
text: hello
file: {class: File, path: data.txt}
folder: {class: Directory, listing: [{class: File, basename: x, contents: y}], basename: d}
pattern: '*.txt'
cores: 1
any: {a: [1, 2.5, null]}
