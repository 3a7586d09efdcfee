# bash completion for redecho(1)
_redecho() {
	local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	case $previous in
	--accel) mapfile -t COMPREPLY < <(compgen -W 'auto kvm tcg' -- "$cur") ;;
	--programs | --machines) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	-c | --config | --vmd | --bridge) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	--desk | --uri | --exec) COMPREPLY=() ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W '--config --check --debug --verbose --version
			--help --desk --vmd --bridge --programs --machines --uri --accel --exec
			--session --no-machines' -- "$cur")
		;;
	esac
}
complete -o filenames -F _redecho redecho
