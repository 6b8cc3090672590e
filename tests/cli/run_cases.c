/* Runs the real program over cases written down as text, and compares what it prints with what is expected.
 *
 * A case:
 *     # a sentence: what is tested
 *     $ flowdbg run "$EXAMPLES/page/caching.lua"      a shell command; flowdbg is the program
 *     < a line of standard input
 *     > an expected line of standard output
 *     ! an expected line of standard error
 *     >* !* the same as patterns (* ? [abc])
 *     >... !... any lines, also none, up to the next expected one
 *     ? 3                                             the expected exit code, 0 if not said
 * Cases end at the next #. Output lines that are not expected are a failure, and so is a missing one. The
 * command runs in an empty folder. Prints TAP. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "base/vec.h"

/* No case needs longer, unless it hangs. */
#define CASE_SECONDS 60

enum expect { EXACTLY, PATTERN, ANYTHING };
struct expected {
    enum expect how;
    char *text;
};
struct expectations {
    VEC(struct expected);
};

struct test_case {
    char *name;
    char *command;
    struct str input;
    struct expectations out, err;
    int code;
};

static unsigned failures, number;

static void case_finish(struct test_case *c)
{
    struct expectations *both[] = {&c->out, &c->err};
    for (int i = 0; i < 2; i++) {
        vec_foreach (struct expected, e, both[i])
            free(e->text);
        vec_finish(both[i]);
    }
    free(c->name);
    free(c->command);
    str_finish(&c->input);
    *c = (struct test_case){0};
}

/* A file without a name that holds the text, at its start. */
static int make_file(const char *text, size_t length)
{
    FILE *file = tmpfile();
    if (!file || fwrite(text, 1, length, file) != length || fflush(file) != 0) {
        perror("temporary file");
        exit(2);
    }
    int fd = dup(fileno(file));
    fclose(file);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static char *read_all(int fd)
{
    struct str text = {0};
    char piece[4096];
    ssize_t got;
    lseek(fd, 0, SEEK_SET);
    while ((got = read(fd, piece, sizeof piece)) > 0)
        str_add_bytes(&text, piece, (size_t)got);
    close(fd);
    return str_take(&text);
}

/* Runs the command in a folder of its own. Returns the exit code, 128 + signal, or -1 when it hangs. */
static int run_command(const struct test_case *c, char **out, char **err)
{
    char folder[] = "/tmp/flowdbg-cli-XXXXXX";
    int fds[3] = {make_file(str_text(&c->input), c->input.length), make_file("", 0), make_file("", 0)};
    int status = -1;
    if (!mkdtemp(folder)) {
        perror("mkdtemp");
        exit(2);
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        for (int i = 0; i < 3; i++)
            dup2(fds[i], i);
        if (chdir(folder) == 0)
            execl("/bin/sh", "sh", "-c", c->command, (char *)NULL);
        _exit(126);
    }
    bool is_done = false;
    for (int ms = 0; ms < CASE_SECONDS * 1000 && !is_done; ms += 5) {
        is_done = waitpid(pid, &status, WNOHANG) == pid;
        if (!is_done)
            poll(NULL, 0, 5);
    }
    if (!is_done) {
        kill(-pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    close(fds[0]);
    *out = read_all(fds[1]);
    *err = read_all(fds[2]);
    struct str remove = {0};
    str_addf(&remove, "rm -rf %s", folder);
    if (system(str_text(&remove)) != 0)
        perror(folder);
    str_finish(&remove);
    return !is_done ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool line_fits(const struct expected *e, const char *line)
{
    return e->how == PATTERN ? glob_matches(e->text, line) : strcmp(e->text, line) == 0;
}

/* Compares lines in order. Says the first difference. */
static bool compare(const char *stream, const struct expectations *expected, char *text)
{
    size_t at = 0;
    bool skips = false;
    for (char *line = text, *next; *line; line = next) {
        char *end = strchrnul(line, '\n');
        next = *end ? end + 1 : end;
        *end = '\0';
        while (at < expected->count && expected->at[at].how == ANYTHING)
            skips = true, at++;
        if (at < expected->count && line_fits(&expected->at[at], line)) {
            at++;
            skips = false;
        } else if (!skips) {
            printf("# %s: got      '%s'\n", stream, line);
            printf("# %s: expected '%s'\n", stream,
                at < expected->count ? expected->at[at].text : "(nothing more)");
            return false;
        }
    }
    while (at < expected->count && expected->at[at].how == ANYTHING)
        at++;
    if (at < expected->count)
        printf("# %s: missing  '%s'\n", stream, expected->at[at].text);
    return at == expected->count;
}

static void run_case(struct test_case *c)
{
    char *out, *err;
    if (!c->name)
        return;
    if (!c->command) {
        printf("Bail out! '%s' has no command\n", c->name);
        exit(2);
    }
    int code = run_command(c, &out, &err);
    char *out_copy = strdup(out), *err_copy = strdup(err);
    bool is_fine = compare("stdout", &c->out, out);
    is_fine = compare("stderr", &c->err, err) && is_fine;
    if (code != c->code) {
        printf(code < 0 ? "# it hangs\n" : "# exit code %d, expected %d\n", code, c->code);
        is_fine = false;
    }
    if (!is_fine) {
        for (char *rest = out_copy, *line; (line = strsep(&rest, "\n"));)
            printf("#   out: %s\n", line);
        for (char *rest = err_copy, *line; (line = strsep(&rest, "\n"));)
            printf("#   err: %s\n", line);
    }
    printf("%sok %u - %s\n", is_fine ? "" : "not ", ++number, c->name);
    failures += !is_fine;
    free(out);
    free(err);
    free(out_copy);
    free(err_copy);
    case_finish(c);
}

static void expect(struct expectations *list, const char *line)
{
    struct expected e = {EXACTLY, NULL};
    if (strcmp(line, "...") == 0)
        e.how = ANYTHING;
    else if (*line == '*')
        e.how = PATTERN, line++;
    e.text = strdup(line + (*line == ' '));
    if (!e.text || vec_push(list, e) < 0)
        abort();
}

static void take_line(struct test_case *c, const char *line, const char *file, unsigned at)
{
    const char *rest = line + 1 + (line[0] && line[1] == ' ');
    switch (*line) {
    case '#':
        run_case(c);
        c->name = strdup(rest);
        break;
    case '$': c->command = strdup(rest); break;
    case '<': str_addf(&c->input, "%s\n", rest); break;
    case '>': expect(&c->out, line + 1); break;
    case '!': expect(&c->err, line + 1); break;
    case '?': c->code = atoi(rest); break;
    case '\0': break;
    default: printf("Bail out! %s:%u: what is '%s'?\n", file, at, line); exit(2);
    }
}

static void run_file(const char *path)
{
    struct test_case c = {0};
    char *line = NULL;
    size_t size = 0;
    unsigned at = 0;
    FILE *file = fopen(path, "re");
    if (!file) {
        printf("Bail out! %s: %s\n", path, strerror(errno));
        exit(2);
    }
    while (getline(&line, &size, file) >= 0) {
        line[strcspn(line, "\n")] = '\0';
        take_line(&c, line, path, ++at);
    }
    run_case(&c);
    free(line);
    fclose(file);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    printf("1..%u\n", number);
    return failures > 0;
}
