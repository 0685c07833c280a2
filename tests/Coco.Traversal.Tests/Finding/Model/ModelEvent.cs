namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>What may happen to two nodes.</summary>
internal enum ModelEvent
{
    Wait500Ms,
    Wait4Seconds,
    Wait40Seconds,
    DirectDiesThere,
    DirectDiesBack,
    DirectHeals,
    DirectTurnsNarrow,
    RelayHangs,
    RelayHeals,
    RelaySessionEnds,
    OneMoves,
    OtherMovesUntold,
    OneRebinds,
    LossyLinks,
    OneTalks,
    OtherTalks,
}
