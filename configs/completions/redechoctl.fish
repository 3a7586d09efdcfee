# fish completion for redechoctl(1)
function __redechoctl_complete
	set -l words (commandline --tokenize --current-process --cut-at-cursor)
	redechoctl --complete $words[2..-1] (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete -c redechoctl -f -a '(__redechoctl_complete)'
complete -c redechoctl -s s -l socket -r -F
