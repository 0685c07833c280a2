namespace Coco.Traversal.Stun;

/// <summary>Why something is asked.</summary>
internal enum NatQuestionKind : byte
{
    /// <summary>Which address does an observer see?</summary>
    Mapped,

    /// <summary>Which does it see at its other address?</summary>
    MappedElsewhere,

    /// <summary>Does an answer from elsewhere pass?</summary>
    Filtering,

    /// <summary>Which address does an observer see of the second socket?</summary>
    SecondMapped,

    /// <summary>Does our outer address work from inside?</summary>
    Hairpin,
}
