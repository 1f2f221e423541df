/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dmasim completion: what a shell needs to complete words of dmasim.  The
 * candidates come from the program (cmd/complete.h); here is only how each
 * shell asks for them.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/options.h"

/* Readline takes = and : for ends of words and replaces what is behind. */
static const char bash[] =
	"_dmasim() {\n"
	"	local words word help typed kept IFS=$' \\t\\n'\n"
	"	read -ra words <<<\"${COMP_LINE:0:COMP_POINT}x\"\n"
	"	typed=${words[-1]%x}\n"
	"	words[-1]=$typed\n"
	"	kept=${typed%\"${typed##*[=:]}\"}\n"
	"	COMPREPLY=()\n"
	"	while IFS=$'\\t' read -r word help; do\n"
	"		if [ \"$word\" = :files ]; then\n"
	"			compopt -o filenames\n"
	"			while IFS= read -r word; do\n"
	"				COMPREPLY+=(\"$word\")\n"
	"			done < <(compgen -f -- "
	"\"${typed#\"$kept\"}\")\n"
	"		else\n"
	"			COMPREPLY+=(\"${word#\"$kept\"}\")\n"
	"		fi\n"
	"	done < <(dmasim --complete \"${words[@]:1}\" 2>/dev/null)\n"
	"	case ${COMPREPLY[0]-} in *=) compopt -o nospace ;; esac\n"
	"}\n"
	"complete -F _dmasim dmasim\n";

static const char zsh[] =
	"#compdef dmasim\n"
	"_dmasim() {\n"
	"	local line word files\n"
	"	local -a done more typed\n"
	"	typed=(\"${(@)words[2,CURRENT-1]}\" \"$PREFIX\")\n"
	"	for line in \"${(@f)$(dmasim --complete \"${typed[@]}\" "
	"2>/dev/null)}\"; do\n"
	"		word=${line%%$'\\t'*}\n"
	"		case $word in\n"
	"		'') ;;\n"
	"		:files) files=yes ;;\n"
	"		*=) more+=(\"${word//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
	"		*) done+=(\"${word//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
	"		esac\n"
	"	done\n"
	"	(( $#done )) && _describe dmasim done\n"
	"	(( $#more )) && _describe dmasim more -S ''\n"
	"	[ -n \"$files\" ] && _files\n"
	"}\n"
	"if [ \"$funcstack[1]\" = _dmasim ]; then\n"
	"	_dmasim \"$@\"\n"
	"else\n"
	"	compdef _dmasim dmasim\n"
	"fi\n";

static const char fish[] =
	"function __dmasim_complete\n"
	"	set -l words (commandline -opc) (commandline -ct)\n"
	"	set -l word (commandline -ct)\n"
	"	for line in (dmasim --complete $words[2..] 2>/dev/null)\n"
	"		if test \"$line\" = :files\n"
	"			__fish_complete_path $word\n"
	"		else\n"
	"			echo $line\n"
	"		end\n"
	"	end\n"
	"end\n"
	"complete -c dmasim -f -a '(__dmasim_complete)'\n";

static const struct options_spec completion_spec = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.doc = "Print what makes a shell complete commands, options, "
	       "parameters, strategies and presets of dmasim. Packages install "
	       "it where shells look for it.",
	.example = "dmasim completion bash >~/.local/share/bash-completion/"
		   "completions/dmasim\n"
		   "dmasim completion fish >~/.config/fish/completions/"
		   "dmasim.fish",
	.args_min = 1,
	.args_max = 1,
};

int cmd_completion(int argc, char **argv, struct err *err)
{
	static const struct {
		const char *name, *text;
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
	struct options options;
	int rc = options_parse(&options, &completion_spec, argc, argv, err);
	const char *text = NULL;
	size_t i;

	if (rc)
		return rc < 0 ? -1 : 0;
	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(options.args.items[0], shells[i].name) == 0)
			text = shells[i].text;
	if (text)
		fputs(text, stdout);
	else
		err_set(err, ERR_USAGE,
			"completion: '%s' is none of bash, zsh, fish",
			options.args.items[0]);
	options_clear(&options);
	return text ? 0 : -1;
}
