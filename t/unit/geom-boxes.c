/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boxes, and the tree over them, against brute force. */
#include "geom/boxes.h"

#include "dice.h"
#include "fwtest.h"

enum { BOXES_MAX = 700 };

/* Kinds: small and apart, of all sizes, on a grid with common faces, far from zero. */
enum { KINDS = 4 };

static void make_boxes(struct boxes *boxes, int kind, size_t n, struct dice *dice)
{
    boxes->n = 0;
    assert_int_equal(boxes_reserve(boxes, n, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        struct box *b = &boxes->at[boxes->n++];
        for (int k = 0; k < 3; k++) {
            double at = dice_between(dice, 0, 10), edge = 0.3;
            if (kind == 1)
                edge = dice_log(dice, 1e-4, 10);
            if (kind == 2) {
                at = (double)dice_below(dice, 6);
                edge = (double)(1 + dice_below(dice, 3));
            }
            if (kind == 3)
                at += 1e7;
            b->low[k] = at;
            b->high[k] = at + edge;
        }
    }
}

static bool contains(const struct box *b, const double p[3])
{
    for (int k = 0; k < 3; k++)
        if (p[k] < b->low[k] || p[k] > b->high[k])
            return false;
    return true;
}

static bool collect(void *context, size_t box)
{
    size_t *list = context;
    list[++list[0]] = box;
    return true;
}

static bool stop(void *context, size_t box)
{
    *(size_t *)context = box;
    return false;
}

static void check_queries(const struct box_tree *tree, struct dice *dice)
{
    const struct boxes *boxes = tree->boxes;
    static size_t found[BOXES_MAX + 1];
    for (int i = 0; i < 200; i++) {
        const struct box *near = &boxes->at[dice_below(dice, boxes->n)];
        double p[3], low[3], high[3];
        unsigned count = 0;
        size_t n = 0;
        for (int k = 0; k < 3; k++) {
            /* Corners and faces are the borderline. */
            size_t side = dice_below(dice, 4);
            p[k] = side == 0   ? near->low[k]
                   : side == 1 ? near->high[k]
                               : dice_between(dice, near->low[k], near->high[k]);
            low[k] = p[k] - dice_between(dice, 0, 1);
            high[k] = p[k] + dice_between(dice, 0, 1);
        }
        for (size_t j = 0; j < boxes->n; j++)
            count += contains(&boxes->at[j], p);
        assert_int_equal(box_tree_count(tree, p, SIZE_MAX), count);
        assert_int_equal(box_tree_count(tree, p, (size_t)(near - boxes->at)),
                         count - 1);
        found[0] = 0;
        assert_true(box_tree_visit(tree, low, high, collect, found));
        for (size_t j = 0; j < boxes->n; j++) {
            bool meets = true;
            for (int k = 0; k < 3; k++)
                meets &=
                    boxes->at[j].low[k] <= high[k] && boxes->at[j].high[k] >= low[k];
            if (meets)
                assert_int_equal(found[++n], j);
        }
        assert_int_equal(found[0], n);
        size_t first;
        assert_false(box_tree_visit(tree, low, high, stop, &first));
        assert_int_equal(first, found[1]);
    }
}

static void the_tree_finds_all(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 8, 9, 64, 65, 513, BOXES_MAX};
    struct dice dice = {301};
    struct boxes boxes = {0};
    struct box_tree tree = {0};
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            make_boxes(&boxes, kind, sizes[k], &dice);
            assert_int_equal(boxes_sort(&boxes, NULL), 0);
            assert_int_equal(box_tree_build(&tree, &boxes, NULL), 0);
            check_queries(&tree, &dice);
        }
    box_tree_fini(&tree);
    boxes_fini(&boxes);
}

static void sorting_keeps_the_boxes(void **state)
{
    (void)state;
    struct dice dice = {302};
    struct boxes boxes = {0};
    double sum = 0, sorted = 0, far = 0, near = 0;
    make_boxes(&boxes, 0, BOXES_MAX, &dice);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < boxes.n; i++)
            for (int k = 0; k < 3; k++) {
                *(pass ? &sorted : &sum) += boxes.at[i].low[k] * boxes.at[i].high[k];
                if (i > 0)
                    *(pass ? &near : &far) +=
                        fabs(boxes.at[i].low[k] - boxes.at[i - 1].low[k]);
            }
        assert_int_equal(boxes_sort(&boxes, NULL), 0);
    }
    assert_true(fabs(sum - sorted) < 1e-9 * sum);
    assert_true(near < 0.3 * far);
    boxes_fini(&boxes);
}

static void what_is_held_leaves(void **state)
{
    (void)state;
    struct dice dice = {303};
    struct boxes boxes = {0}, all = {0};
    struct box_tree tree = {0};
    for (int round = 0; round < 40; round++) {
        make_boxes(&boxes, round % 2 ? 2 : 1, 50, &dice);
        make_boxes(&all, 0, 50, &dice);
        memcpy(all.at, boxes.at, 50 * sizeof *all.at);
        assert_int_equal(boxes_drop_contained(&boxes, &tree, NULL), 0);
        size_t left = 0;
        for (size_t i = 0; i < 50; i++) {
            bool held = false;
            for (size_t j = 0; j < 50; j++) {
                bool same = memcmp(&all.at[i], &all.at[j], sizeof *all.at) == 0;
                held |= i != j && contains(&all.at[j], all.at[i].low) &&
                        contains(&all.at[j], all.at[i].high) && (!same || j < i);
            }
            if (!held)
                assert_memory_equal(&boxes.at[left++], &all.at[i], sizeof *all.at);
        }
        assert_int_equal(boxes.n, left);
        assert_ptr_equal(tree.boxes, &boxes);
    }
    box_tree_fini(&tree);
    boxes_fini(&boxes);
    boxes_fini(&all);
}

static void contact_areas(void **state)
{
    (void)state;
    static const struct {
        struct box at[3];
        size_t n;
        bool apart;
        double area;
    } table[] = {
        {{{{0, 0, 0}, {1, 1, 1}}}, 1, true, 0},
        {{{{0, 0, 0}, {1, 1, 1}}, {{1, 0, 0}, {2, 1, 1}}}, 2, true, 1},
        {{{{0, 0, 0}, {1, 1, 1}}, {{1 + 1e-12, 0.5, -2}, {2, 9, 0.25}}},
         2,
         true,
         0.125},
        {{{{0, 0, 0}, {1, 1, 1}}, {{1 - 1e-12, 0.5, -2}, {2, 9, 0.25}}},
         2,
         true,
         0.125},
        {{{{0, 0, 0}, {1, 1, 1}}, {{1, 1, 0}, {2, 2, 1}}}, 2, true, 0},
        {{{{0, 0, 0}, {1, 1, 1}}, {{1.1, 0, 0}, {2, 1, 1}}}, 2, true, 0},
        {{{{0, 0, 0}, {1, 1, 1}}, {{0.9, 0, 0}, {2, 1, 1}}}, 2, false, 0},
        {{{{0, 0, 0}, {2, 2, 1}}, {{0, 0, 1}, {1, 1, 2}}, {{1, 0, 1}, {2, 1, 2}}},
         3,
         true,
         3},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct boxes boxes = {table[i].n, 3, (struct box *)(uintptr_t)table[i].at};
        struct box_tree tree = {0};
        double area = NAN;
        assert_int_equal(box_tree_build(&tree, &boxes, NULL), 0);
        assert_int_equal(box_tree_contact(&tree, 1e-9, &area), table[i].apart);
        if (table[i].apart)
            assert_true(fabs(area - table[i].area) < 1e-9);
        box_tree_fini(&tree);
    }
}

static void distances(void **state)
{
    (void)state;
    const struct box box = {{0, 0, 0}, {1, 2, 3}};
    const double inside[3] = {0.5, 1, 1}, corner[3] = {-1, 4, 5};
    assert_true(fabs(box_reach(&box, inside) - sqrt(0.25 + 1 + 4)) < 1e-15);
    assert_true(fabs(box_reach(&box, corner) - sqrt(4 + 16 + 25)) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_finds_all),
        cmocka_unit_test(sorting_keeps_the_boxes),
        cmocka_unit_test(what_is_held_leaves),
        cmocka_unit_test(contact_areas),
        cmocka_unit_test(distances),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
