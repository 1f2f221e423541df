/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_PATH */
#include "cmd/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/outfile.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* --- files --- */

/* Of Linux 6.2; Debian 12 has headers of 6.1. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define CHANGES_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE)
#define CHANGES_FOLDER                                                    \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |     \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |   \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)

struct files {
	bool unsure; /* some could not be permitted */
	int ruleset;
	uint64_t file, folder; /* rights this kernel knows */
};

/*
 * What is not there stays forbidden; what is there and cannot be looked at is
 * perhaps our own output.
 */
static void permit(struct files *files, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	struct stat st;

	if (rule.parent_fd < 0) {
		files->unsure |= errno == EMFILE || errno == ENFILE ||
				 errno == ENOMEM || errno == EIO;
		return;
	}
	rule.allowed_access = files->file;
	if (fstat(rule.parent_fd, &st) < 0)
		files->unsure = true;
	else if (S_ISDIR(st.st_mode))
		rule.allowed_access |= files->folder;
	syscall(SYS_landlock_add_rule, files->ruleset,
		LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

/*
 * A folder or a device itself; of a file its folder; of what is not there yet
 * the folder it will be made in, with those between.
 */
static void permit_output(struct files *files, const char *output)
{
	char path[PATH_MAX], *folder;
	struct stat st;

	if (outfile_is_standard(output) || strlen(output) >= sizeof(path))
		return;
	if (stat(output, &st) < 0) {
		snprintf(path, sizeof(path), "%s", output);
		/* Without a slash left it is ".", which is not in @path. */
		do
			folder = dirname(path);
		while (folder == path && stat(folder, &st) < 0);
		permit(files, folder);
	} else if (!S_ISREG(st.st_mode)) {
		permit(files, output);
	} else if (realpath(output, path)) {
		permit(files, dirname(path));
	} else {
		files->unsure = true;
	}
}

static void permit_all(struct files *files, const struct sandbox *sandbox)
{
	const char *temporary = getenv("TMPDIR");
	size_t i;

	permit(files, "/dev/null");
	for (i = 0; i < SANDBOX_WRITES; i++)
		permit_output(files, sandbox->writes[i]);
	if (!sandbox->plots)
		return;
	permit(files, P_tmpdir);
	if (temporary)
		permit(files, temporary);
}

static bool confine_files(const struct sandbox *sandbox)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	struct files files = { .file = CHANGES_FILE, .folder = CHANGES_FOLDER };
	struct landlock_ruleset_attr attr;
	bool done;

	if (version < 1)
		return false;
	if (version >= 2)
		files.folder |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		files.file |= LANDLOCK_ACCESS_FS_TRUNCATE;
	attr.handled_access_fs = files.file | files.folder;
	files.ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
				     sizeof(attr), 0);
	if (files.ruleset < 0)
		return false;
	permit_all(&files, sandbox);
	done = !files.unsure &&
	       syscall(SYS_landlock_restrict_self, files.ruleset, 0) == 0;
	close(files.ruleset);
	return done;
}

/* --- calls --- */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0
#endif

/* Calls of the x32 interface have this bit; we make none. */
#define X32 0x40000000u

static const unsigned programs[] = { SYS_execve, SYS_execveat };

static const unsigned denied[] = {
	/* the network, and descriptors of others */
	SYS_socket, SYS_socketpair, SYS_pidfd_getfd, SYS_open_by_handle_at,
	/* other processes */
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
	SYS_kill, SYS_rt_sigqueueinfo, SYS_pidfd_send_signal,
	/* what the filter does not see, or the kernel runs for us */
	SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_bpf,
	SYS_perf_event_open, SYS_userfaultfd,
	/* the system */
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare,
	SYS_setns, SYS_fsopen, SYS_fsmount, SYS_move_mount, SYS_open_tree,
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
	SYS_kexec_file_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_quotactl,
	SYS_acct, SYS_add_key, SYS_request_key, SYS_keyctl
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define LINES_MAX    (COUNT(programs) + COUNT(denied) + 6)

struct filter {
	struct sock_filter lines[LINES_MAX];
	size_t count, last; /* of its lines; @last refuses */
};

static void add(struct filter *filter, struct sock_filter line)
{
	filter->lines[filter->count++] = line;
}

/* Refuse when what is loaded stands in this relation to @value, or not. */
static void refuse_if(struct filter *filter, uint16_t relation, uint32_t value,
		      bool holds)
{
	uint8_t far = (uint8_t)(filter->last - filter->count - 1);

	add(filter, (struct sock_filter)BPF_JUMP(
			    (uint16_t)(BPF_JMP | BPF_K | relation), value,
			    holds ? far : 0, holds ? 0 : far));
}

static void load(struct filter *filter, size_t offset)
{
	add(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 (uint32_t)offset));
}

static void write_filter(struct filter *filter, bool plots)
{
	size_t i, first = plots ? COUNT(programs) : 0;

	filter->count = 0;
	filter->last = LINES_MAX - 1 - first;
	load(filter, offsetof(struct seccomp_data, arch));
	refuse_if(filter, BPF_JEQ, ARCHITECTURE, false);
	load(filter, offsetof(struct seccomp_data, nr));
	refuse_if(filter, BPF_JGE, X32, true);
	for (i = first; i < COUNT(programs); i++)
		refuse_if(filter, BPF_JEQ, programs[i], true);
	for (i = 0; i < COUNT(denied); i++)
		refuse_if(filter, BPF_JEQ, denied[i], true);
	add(filter,
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						 SECCOMP_RET_ERRNO | EPERM));
}

/*
 * SPEC_ALLOW: kernels before 5.16 slow down all loads behind stores of a
 * process with a filter, which is there for processes that run foreign code.
 */
static bool confine_calls(bool plots)
{
	struct filter filter;
	struct sock_fprog program = { .filter = filter.lines };

	_Static_assert(LINES_MAX < UINT8_MAX, "jumps reach the last line");
	if (!ARCHITECTURE)
		return false;
	write_filter(&filter, plots);
	program.len = (unsigned short)filter.count;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_TSYNC |
			       SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		       &program) == 0;
}

unsigned sandbox_enter(const struct sandbox *sandbox)
{
	const char *wish = getenv("DMASIM_SANDBOX");
	unsigned parts = 0;

	if (SANITIZED || (wish && strcmp(wish, "off") == 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 0;
	if (confine_files(sandbox))
		parts |= SANDBOX_FILES;
	if (confine_calls(sandbox->plots))
		parts |= SANDBOX_CALLS;
	return parts;
}
