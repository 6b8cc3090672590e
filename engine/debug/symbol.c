#include "debug/symbol.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug/session_private.h"
#include "debug/text.h"

typedef ElfW(Ehdr) elf_header;
typedef ElfW(Phdr) elf_segment;
typedef ElfW(Shdr) elf_section;
typedef ElfW(Sym) elf_symbol;

/* Tables larger than this are no symbol tables of anything we load. */
#define LARGEST_TABLE (256u << 20)
/* More would push everything else off the screen: a runaway recursion has no end of them. */
#define FRAMES_SHOWN 20

/* Reads a table of the file. NULL: too large, cut off, no memory. */
static void *read_table(int fd, uint64_t offset, uint64_t size)
{
    if (size == 0 || size > LARGEST_TABLE || offset > INT64_MAX - size)
        return NULL;
    char *table = mem_alloc((size_t)size);
    uint64_t got = 0;
    while (table && got < size) {
        ssize_t part = pread(fd, table + got, (size_t)(size - got), (off_t)(offset + got));
        if (part <= 0) {
            mem_free(table);
            return NULL;
        }
        got += (uint64_t)part;
    }
    return table;
}

static bool read_header(int fd, elf_header *header)
{
    return pread(fd, header, sizeof *header, 0) == (ssize_t)sizeof *header &&
           memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_phentsize == sizeof(elf_segment) &&
           header->e_shentsize == sizeof(elf_section);
}

/* The address that the file's offset is loaded at, relative to its base. */
static bool find_address(int fd, const elf_header *header, uint64_t file_offset, uint64_t *address)
{
    elf_segment *segments = read_table(fd, header->e_phoff, (uint64_t)header->e_phnum * sizeof *segments);
    bool found = false;
    for (unsigned i = 0; segments && i < header->e_phnum && !found; i++) {
        const elf_segment *seg = &segments[i];
        found = seg->p_type == PT_LOAD && file_offset >= seg->p_offset &&
                file_offset - seg->p_offset < seg->p_filesz;
        if (found)
            *address = file_offset - seg->p_offset + seg->p_vaddr;
    }
    mem_free(segments);
    return found;
}

static int search(int fd, const elf_section *table, const elf_section *names, uint64_t address,
    struct str *name, uint64_t *distance)
{
    int status = FLOW_NOT_FOUND;
    elf_symbol *symbols = read_table(fd, table->sh_offset, table->sh_size);
    char *strings = read_table(fd, names->sh_offset, names->sh_size);
    size_t count = symbols ? table->sh_size / sizeof *symbols : 0;
    for (size_t i = 0; strings && i < count && status != FLOW_OK; i++) {
        const elf_symbol *symbol = &symbols[i];
        bool covers = ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
                      address >= symbol->st_value && address - symbol->st_value < symbol->st_size;
        if (!covers || symbol->st_name >= names->sh_size)
            continue;
        str_add_bytes(name, strings + symbol->st_name,
            strnlen(strings + symbol->st_name, names->sh_size - symbol->st_name));
        *distance = address - symbol->st_value;
        status = FLOW_OK;
    }
    mem_free(symbols);
    mem_free(strings);
    return status;
}

/* The full table first: it has static functions; a stripped file has the dynamic one only. */
static int search_sections(
    int fd, const elf_header *header, uint64_t address, struct str *name, uint64_t *distance)
{
    static const unsigned kinds[] = {SHT_SYMTAB, SHT_DYNSYM};
    elf_section *sections = read_table(fd, header->e_shoff, (uint64_t)header->e_shnum * sizeof *sections);
    int status = FLOW_NOT_FOUND;
    for (size_t kind = 0; sections && kind < 2 && status != FLOW_OK; kind++) {
        for (unsigned i = 0; i < header->e_shnum && status != FLOW_OK; i++) {
            if (sections[i].sh_type == kinds[kind] && sections[i].sh_link < header->e_shnum)
                status = search(fd, &sections[i], &sections[sections[i].sh_link], address, name, distance);
        }
    }
    mem_free(sections);
    return status;
}

int dbg_symbol_find(const char *path, uint64_t file_offset, struct str *name, uint64_t *distance)
{
    elf_header header;
    uint64_t address;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return FLOW_NOT_FOUND;
    int status = FLOW_NOT_FOUND;
    if (read_header(fd, &header) && find_address(fd, &header, file_offset, &address))
        status = search_sections(fd, &header, address, name, distance);
    close(fd);
    return status;
}

/* One line of /proc/PID/maps that covers an address. */
struct mapping {
    uint64_t start, end, offset;
    const char *path; /* "" for memory without a file; borrowed from the line */
};

static bool parse_mapping(const char *line, char *path, size_t size, struct mapping *out)
{
    int path_at = 0;
    unsigned long start, end, offset;
    if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %n", &start, &end, &offset, &path_at) < 3 || path_at == 0)
        return false;
    snprintf(path, size, "%.*s", (int)strcspn(line + path_at, "\n"), line + path_at);
    *out = (struct mapping){start, end, offset, path};
    return true;
}

static bool find_mapping(const char *maps, uint64_t address, char *path, size_t size, struct mapping *out)
{
    for (const char *line = maps; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (parse_mapping(line, path, size, out) && address >= out->start && address < out->end)
            return true;
    }
    return false;
}

static void describe_frame(
    const char *maps, unsigned number, uint64_t address, bool is_return, struct str *out)
{
    char path[1024];
    struct mapping mapping;
    uint64_t at = is_return ? address - 1 : address; /* the call, not what follows it */
    str_addf(out, "\n  #%-2u ", number);
    if (!find_mapping(maps, at, path, sizeof path, &mapping)) {
        str_addf(out, "0x%llx", (unsigned long long)address);
        return;
    }
    struct str name = {0};
    uint64_t distance = 0, offset = address - mapping.start + mapping.offset;
    const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    if (dbg_symbol_find(path, at - mapping.start + mapping.offset, &name, &distance) == FLOW_OK) {
        dbg_escape(out, str_text(&name), name.length);
        str_addf(out, "+0x%llx  ", (unsigned long long)(distance + is_return));
    }
    str_add(out, "(");
    dbg_escape(out, *file ? file : "no file", strlen(*file ? file : "no file"));
    str_addf(out, "+0x%llx)", (unsigned long long)offset);
    str_finish(&name);
}

void dbg_crash_describe(struct dbg_session *s, struct str *out)
{
    const struct dbg_crash *crash = &s->crash;
    const char *name = sigabbrev_np(crash->signal), *meaning = sigdescr_np(crash->signal);
    char task[256] = "";
    const struct trace_state *state = &s->state;
    bool is_fault = crash->signal == SIGSEGV || crash->signal == SIGBUS;
    str_addf(out, "SIG%s (%s)", name ? name : "?", meaning ? meaning : "unknown");
    if (is_fault)
        str_addf(out, " at address 0x%llx", (unsigned long long)crash->address);
    if (state->phase >= TRACE_PHASE_BODY && state->phase <= TRACE_PHASE_FINISHING) {
        trace_print_task(state, state->current, state->current_entry.iteration, task, sizeof task);
        str_add(out, " in task '");
        dbg_escape(out, task, strlen(task));
        str_addf(out, "', step %llu", (unsigned long long)state->step);
    }
    /* The walk begins in the handler; people want it from the fault on. */
    uint32_t first = 0;
    for (uint32_t i = 0; i < crash->frame_count; i++) {
        if (crash->frames[i] == crash->ip) {
            first = i;
            break;
        }
    }
    if (crash->frame_count == 0 || crash->frames[first] != crash->ip)
        describe_frame(str_text(&s->maps), 0, crash->ip, false, out);
    unsigned number = crash->frame_count && crash->frames[first] == crash->ip ? 0 : 1;
    uint32_t last = crash->frame_count - first > FRAMES_SHOWN ? first + FRAMES_SHOWN : crash->frame_count;
    for (uint32_t i = first; i < last; i++, number++)
        describe_frame(str_text(&s->maps), number, crash->frames[i], i != first, out);
    if (last < crash->frame_count)
        str_addf(out, "\n  ... and at least %u more", crash->frame_count - last);
}
