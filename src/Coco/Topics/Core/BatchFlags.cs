namespace Coco.Topics.Core;

/// <summary>What a <see cref="SignedBatch"/> is; others are for later versions.</summary>
[Flags]
internal enum BatchFlags : byte
{
    None = 0,

    /// <summary>The topic's value.</summary>
    Value = 1,

    /// <summary>What is to be said when its publisher is gone.</summary>
    Will = 2,

    /// <summary>The data is sealed with the topic's key.</summary>
    Sealed = 4,
}
