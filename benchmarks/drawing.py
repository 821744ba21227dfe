"""How many pictures a second the embedded picture engine draws on two cores."""

from __future__ import annotations

from benchmarks.figures import Figure, Goal, Row, Scale, absolute
from benchmarks.gallery import SIZE, picture_of
from benchmarks.measuring import Cost, in_turns, measured
from vktrs.engines.cppn import open_cppn
from vktrs.engines.pictures import FrameRequest, Keyframe, KeyframeRequest, MotionRequest
from vktrs.motion.affine import Move, matrix

_CORES = 2
_GOAL = Goal(12, " pictures/s", at_least=True)
_PROMPTS = (
    "Daisy, Daisy, give me your answer do, zombie wedding",
    "crimson lanterns over a quiet river",
    "teal harbour in the morning, oil on canvas",
    "I'm half crazy",
)


def measure(scale: Scale) -> list[Row]:
    """One row: keyframes, variations, and scenes that move (its own keyframe, and a picture of the user's)."""
    count, size = (4, 64) if scale.quick else (24, SIZE)
    engine = open_cppn(workers=_CORES)

    def key_request(number: int) -> KeyframeRequest:
        return KeyframeRequest(f"{_PROMPTS[number % len(_PROMPTS)]}, {number}", "", number, size, size)

    def draw_keyframes() -> None:
        drawn = engine.keyframes([key_request(number) for number in range(count)])
        assert sum(1 for _ in drawn) == count

    def draw_variations() -> None:
        """As a run asks: seven of each keyframe."""
        for number in range(count // 7 + 1):
            request, prompt = key_request(number), key_request(number).prompt
            frames = [FrameRequest(k, prompt, "", 100 * number + k, 0.72, size, size) for k in range(1, 8)]
            assert sum(1 for _ in engine.variations(Keyframe(keys[number], request), frames)) == 7

    def chain(prompt: str) -> list[MotionRequest]:
        """A scene that comes nearer, turns and walks."""
        warp = matrix(Move(1.02, 0.5, 1.0), size, size)
        frames = range(1, count + 1)
        return [MotionRequest(k, prompt, "", k, warp, "reflect", "LAB", 0.02, 0.28, None, size, size) for k in frames]

    def draw_chain(of_the_user: bool) -> None:
        request = key_request(0)
        start = Keyframe(keys[0], None if of_the_user else request)
        assert sum(1 for _ in engine.motion(start, chain(request.prompt), 1, keys[0])) == count

    answers = engine.keyframes([key_request(number) for number in range(count // 7 + 1)])
    keys = [picture_of(answer) for _, answer in answers]
    try:
        costs = in_turns(
            {
                "keyframes": lambda: measured(draw_keyframes),
                "variations": lambda: measured(draw_variations),
                "moving": lambda: measured(lambda: draw_chain(of_the_user=False)),
                "moving a picture of the user's": lambda: measured(lambda: draw_chain(of_the_user=True)),
            },
            scale.rounds,
        )
    finally:
        engine.close()
    figures: list[Figure] = []
    drawn = {"keyframes": count, "variations": 7 * (count // 7 + 1)}
    for name, cost in costs.items():
        figures += _rates(name, drawn.get(name, count), cost)
    how = (
        f"{size} x {size}, {_CORES} threads. By CPU: pictures in the CPU seconds that {_CORES} cores have in a second, "
        "which other work on the machine does not change."
    )
    return [Row("cppn", "Pictures by `cppn`", how, tuple(figures))]


def _rates(name: str, count: int, cost: Cost) -> list[Figure]:
    return [
        absolute(f"{name}, by CPU", "", _CORES * count / cost.cpu, " pictures/s", _GOAL),
        absolute(f"{name}, by the clock", "", count / cost.wall, " pictures/s"),
    ]
