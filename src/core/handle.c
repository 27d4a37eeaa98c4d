/* SPDX-License-Identifier: MIT */
/*
 * The handle table. Slots live in chunks that are never freed, so that a look-up needs no lock: one
 * atomic word per slot says which generation stands there, whether it is open, how many calls are
 * inside, and whether one of them is to be alone. The table's mutex guards the free list only, a
 * chunk's those who wait for a lone call's end.
 */
#include "core/handle.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/single_threaded.h>

/* The word of a slot: generation | open | waiting | alone | pins. */
#define PIN_BITS        21
#define PIN_MASK        ((UINT64_C(1) << PIN_BITS) - 1)
#define ALONE_BIT       (UINT64_C(1) << PIN_BITS)
#define WAITING_BIT     (ALONE_BIT << 1)
#define OPEN_BIT        (ALONE_BIT << 2)
#define FLAG_BITS       3
#define GENERATION_BITS (sizeof(ULONG_PTR) == 8 ? 40 : 32)
#define GENERATION_MAX  ((UINT64_C(1) << GENERATION_BITS) - 1)

#define KIND_BITS   8
#define KIND_MASK   ((1U << KIND_BITS) - 1)
#define CHUNK_SLOTS 256
#define CHUNK_COUNT 4096
#define INDEX_BITS  20 /* CHUNK_SLOTS * CHUNK_COUNT */

/* One cache line each: neighbours are used by different threads. */
struct handle_slot {
    _Alignas(64) _Atomic uint64_t word;
    struct handled *object;
    uint32_t index;
    _Atomic uint32_t kind;  /* of the open generation, and set before it opens */
    _Atomic uint64_t alone; /* so is this: what a lone call adds to its pin, or 0 */
    struct handle_slot *next_free;
};

struct handle_chunk {
    pthread_mutex_t lock; /* of the waiting */
    pthread_cond_t lone_call_ended;
    struct handle_slot slots[CHUNK_SLOTS];
};

static struct {
    pthread_mutex_t lock;
    struct handle_slot *free_list;
    uint32_t chunks_used;
    struct handle_chunk *_Atomic chunks[CHUNK_COUNT];
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t word_make(uint64_t generation)
{
    return generation << (PIN_BITS + FLAG_BITS);
}

static uint64_t word_generation(uint64_t word)
{
    return word >> (PIN_BITS + FLAG_BITS);
}

/* Where no second thread was ever started there is nobody to keep out. */
static bool table_lock(void)
{
    return !__libc_single_threaded && pthread_mutex_lock(&table.lock) == 0;
}

static void table_unlock(bool locked)
{
    if (locked)
        pthread_mutex_unlock(&table.lock);
}

/* Adds a chunk of free slots. Called with the lock held. */
static bool table_grow(void)
{
    struct handle_chunk *chunk;
    uint32_t base = table.chunks_used * CHUNK_SLOTS;

    if (table.chunks_used == CHUNK_COUNT)
        return false;
    chunk = aligned_alloc(_Alignof(struct handle_chunk), sizeof(*chunk));
    if (chunk == NULL)
        return false;
    pthread_mutex_init(&chunk->lock, NULL);
    pthread_cond_init(&chunk->lone_call_ended, NULL);
    for (uint32_t i = CHUNK_SLOTS; i-- > 0;) {
        struct handle_slot *slot = &chunk->slots[i];

        atomic_init(&slot->word, word_make(1));
        slot->object = NULL;
        slot->index = base + i;
        atomic_init(&slot->kind, 0);
        atomic_init(&slot->alone, 0);
        slot->next_free = table.free_list;
        table.free_list = slot;
    }
    atomic_store_explicit(&table.chunks[table.chunks_used++], chunk, memory_order_release);
    return true;
}

/* --- Forks ---------------------------------------------------------------------------------- */

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

/* A child has this memory but not the threads: none of them is caught in a change of the table. */
static void fork_begin(void)
{
    pthread_mutex_lock(&table.lock);
}

static void fork_end(void)
{
    pthread_mutex_unlock(&table.lock);
}

/*
 * Nobody waits in a child. What another thread was alone with stays half done there, and whoever
 * asked to be alone with it would wait for ever: its handle is closed.
 */
static void chunk_forked(struct handle_chunk *chunk)
{
    pthread_mutex_init(&chunk->lock, NULL);
    pthread_cond_init(&chunk->lone_call_ended, NULL);
    for (size_t i = 0; i < CHUNK_SLOTS; i++) {
        uint64_t word = atomic_load_explicit(&chunk->slots[i].word, memory_order_relaxed);
        uint64_t gone = word & ALONE_BIT ? WAITING_BIT | OPEN_BIT : WAITING_BIT;

        atomic_store_explicit(&chunk->slots[i].word, word & ~gone, memory_order_relaxed);
    }
}

static void table_forked(void)
{
    for (uint32_t i = 0; i < table.chunks_used; i++)
        chunk_forked(table.chunks[i]);
    fork_end();
}

static void fork_watch(void)
{
    pthread_atfork(fork_begin, fork_end, table_forked);
}

/* --- Slots ---------------------------------------------------------------------------------- */

static struct handle_slot *slot_take(void)
{
    struct handle_slot *slot = NULL;
    bool locked;

    pthread_once(&fork_once, fork_watch);
    locked = table_lock();
    if (table.free_list != NULL || table_grow()) {
        slot = table.free_list;
        table.free_list = slot->next_free;
    }
    table_unlock(locked);
    return slot;
}

/* The slot is closed and nobody is inside: next generation, or retirement at the end of the count.
 */
static void slot_release(struct handle_slot *slot, uint64_t generation)
{
    struct handled *object = slot->object;
    bool locked;

    slot->object = NULL;
    if (generation < GENERATION_MAX) {
        atomic_store_explicit(&slot->word, word_make(generation + 1), memory_order_release);
        locked = table_lock();
        slot->next_free = table.free_list;
        table.free_list = slot;
        table_unlock(locked);
    }
    object_unref(&object->object);
}

/* The slot a handle points at; generation and openness are still to be checked. */
static struct handle_slot *slot_find(const SecHandle *handle, enum handle_kind kind)
{
    ULONG_PTR index;
    struct handle_chunk *chunk;

    if (handle == NULL || (handle->dwLower & KIND_MASK) != (ULONG_PTR)kind)
        return NULL;
    index = handle->dwLower >> KIND_BITS;
    if (index >= (ULONG_PTR)CHUNK_COUNT * CHUNK_SLOTS)
        return NULL;
    chunk = atomic_load_explicit(&table.chunks[index / CHUNK_SLOTS], memory_order_acquire);
    return chunk == NULL ? NULL : &chunk->slots[index % CHUNK_SLOTS];
}

SECURITY_STATUS handle_open(struct handled *object, enum handle_kind kind, SecHandle *handle)
{
    struct handle_slot *slot = slot_take();
    uint64_t word;

    if (slot == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    object_ref(&object->object);
    object->slot = slot;
    slot->object = object;
    atomic_store_explicit(&slot->kind, kind, memory_order_relaxed);
    atomic_store_explicit(&slot->alone, object->side_by_side ? 0 : ALONE_BIT, memory_order_relaxed);
    word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    handle->dwLower = ((ULONG_PTR)slot->index << KIND_BITS) | kind;
    handle->dwUpper = (ULONG_PTR)word_generation(word);
    atomic_store_explicit(&slot->word, word | OPEN_BIT, memory_order_release);
    return SEC_E_OK;
}

static bool slot_has(const struct handle_slot *slot, uint64_t word, const SecHandle *handle)
{
    return word_generation(word) == handle->dwUpper && (word & OPEN_BIT) &&
           atomic_load_explicit(&slot->kind, memory_order_relaxed) == (handle->dwLower & KIND_MASK);
}

/*
 * Every change of the word on the way of messages. Where no second thread has ever been started
 * (glibc knows), the bus need not be locked, which takes longer than all else that a call of SSPI
 * adds to a short message.
 */
static inline bool word_exchange(struct handle_slot *slot, uint64_t *word, uint64_t next)
{
    if (__libc_single_threaded) {
        atomic_store_explicit(&slot->word, next, memory_order_relaxed);
        return true;
    }
    return atomic_compare_exchange_weak_explicit(&slot->word, word, next, memory_order_acq_rel,
                                                 memory_order_acquire);
}

static inline uint64_t word_subtract(struct handle_slot *slot, uint64_t bits)
{
    uint64_t before;

    if (!__libc_single_threaded)
        return atomic_fetch_sub_explicit(&slot->word, bits, memory_order_acq_rel);
    before = atomic_load_explicit(&slot->word, memory_order_relaxed);
    atomic_store_explicit(&slot->word, before - bits, memory_order_relaxed);
    return before;
}

/*
 * Replaces the word by word + add if the handle stands in the slot and no bit of unless is set. The
 * exchange succeeds in the generation that was looked at, so the kind was that generation's too.
 */
static inline bool slot_update(struct handle_slot *slot, const SecHandle *handle, uint64_t unless,
                               uint64_t add)
{
    uint64_t word = atomic_load_explicit(&slot->word, memory_order_acquire);

    do {
        if (!slot_has(slot, word, handle) || (word & unless))
            return false;
    } while (!word_exchange(slot, &word, word + add));
    return true;
}

struct handled *handle_pin(const SecHandle *handle, enum handle_kind kind)
{
    struct handle_slot *slot = slot_find(handle, kind);

    return slot != NULL && slot_update(slot, handle, 0, 1) ? slot->object : NULL;
}

/* --- Leaving -------------------------------------------------------------------------------- */

static struct handle_chunk *slot_chunk(const struct handle_slot *slot)
{
    return atomic_load_explicit(&table.chunks[slot->index / CHUNK_SLOTS], memory_order_relaxed);
}

/* The word may be another generation's by now, with waiters of its own: they look and wait again.
 */
static void alone_wake(struct handle_slot *slot)
{
    struct handle_chunk *chunk = slot_chunk(slot);

    pthread_mutex_lock(&chunk->lock);
    atomic_fetch_and_explicit(&slot->word, ~WAITING_BIT, memory_order_relaxed);
    pthread_cond_broadcast(&chunk->lone_call_ended);
    pthread_mutex_unlock(&chunk->lock);
}

/* Apart from the way of messages, which seldom comes here. */
__attribute__((cold, noinline)) static void slot_left(struct handle_slot *slot, uint64_t before,
                                                      bool last, bool awaited)
{
    if (last)
        slot_release(slot, word_generation(before));
    if (awaited)
        alone_wake(slot);
}

/* Takes bits off the word, one pin among them at most, and frees the slot with the last pin. */
static inline void slot_leave(struct handle_slot *slot, uint64_t bits)
{
    uint64_t before = word_subtract(slot, bits);
    bool last = ((before - bits) & (OPEN_BIT | PIN_MASK)) == 0;
    bool awaited = (bits & ALONE_BIT) && (before & WAITING_BIT);

    if (last || awaited)
        slot_left(slot, before, last, awaited);
}

void handle_unpin(struct handled *object)
{
    if (object != NULL)
        slot_leave(object->slot, 1);
}

/* --- Lone calls ----------------------------------------------------------------------------- */

/* Sleeps until the lone call that is inside has ended. The caller's pin keeps the slot. */
static void alone_wait(struct handle_slot *slot)
{
    struct handle_chunk *chunk = slot_chunk(slot);
    uint64_t word;

    pthread_mutex_lock(&chunk->lock);
    word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    while (word & ALONE_BIT) {
        if (!(word & WAITING_BIT) &&
            !atomic_compare_exchange_weak_explicit(&slot->word, &word, word | WAITING_BIT,
                                                   memory_order_relaxed, memory_order_relaxed))
            continue;
        pthread_cond_wait(&chunk->lone_call_ended, &chunk->lock);
        word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    }
    pthread_mutex_unlock(&chunk->lock);
}

void handle_alone_begin(struct handled *object)
{
    struct handle_slot *slot = object->slot;
    uint64_t word;

    if (slot == NULL)
        return;
    word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    for (;;) {
        if (word & ALONE_BIT) {
            alone_wait(slot);
            word = atomic_load_explicit(&slot->word, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(&slot->word, &word, word | ALONE_BIT,
                                                         memory_order_acq_rel,
                                                         memory_order_relaxed)) {
            return;
        }
    }
}

void handle_alone_end(struct handled *object)
{
    if (object->slot != NULL)
        slot_leave(object->slot, ALONE_BIT);
}

/* Somebody else is alone, or there is no such handle. */
__attribute__((cold, noinline)) static struct handled *pin_and_wait(const SecHandle *handle,
                                                                    enum handle_kind kind)
{
    struct handled *object = handle_pin(handle, kind);

    if (object != NULL && !object->side_by_side)
        handle_alone_begin(object);
    return object;
}

struct handled *handle_pin_alone(const SecHandle *handle, enum handle_kind kind)
{
    struct handle_slot *slot = slot_find(handle, kind);
    uint64_t alone;

    if (slot == NULL)
        return NULL;
    alone = atomic_load_explicit(&slot->alone, memory_order_relaxed);
    return slot_update(slot, handle, alone, alone + 1) ? slot->object : pin_and_wait(handle, kind);
}

void handle_unpin_alone(struct handled *object)
{
    slot_leave(object->slot, atomic_load_explicit(&object->slot->alone, memory_order_relaxed) + 1);
}

/* --- Closing -------------------------------------------------------------------------------- */

SECURITY_STATUS handle_close(const SecHandle *handle, enum handle_kind kind)
{
    struct handle_slot *slot = slot_find(handle, kind);

    /* The open bit goes and a pin comes in one step: of two closers one finds the bit gone. */
    if (slot == NULL || !slot_update(slot, handle, 0, 1 - OPEN_BIT))
        return SEC_E_INVALID_HANDLE;
    slot_leave(slot, 1);
    return SEC_E_OK;
}

/* --- One word ------------------------------------------------------------------------------- */

_Static_assert(CHUNK_SLOTS *CHUNK_COUNT == 1 << INDEX_BITS && GENERATION_BITS + INDEX_BITS < 64,
               "slot and generation fit into one word");

/* The kind is left out: whoever has the word knows it. A generation is not 0, nor is the word. */
HANDLE handle_to_word(const SecHandle *handle)
{
    return (HANDLE)(handle->dwUpper << INDEX_BITS | handle->dwLower >> KIND_BITS);
}

SecHandle handle_from_word(HANDLE word, enum handle_kind kind)
{
    ULONG_PTR bits = (ULONG_PTR)word;
    ULONG_PTR index = bits & ((UINT64_C(1) << INDEX_BITS) - 1);

    return (SecHandle){index << KIND_BITS | (ULONG_PTR)kind, bits >> INDEX_BITS};
}
