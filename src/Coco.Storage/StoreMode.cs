namespace Coco.Storage;

/// <summary>What to do depending on whether the store is there.</summary>
public enum StoreMode
{
    /// <summary>Opens the store; makes a new one where there is no file.</summary>
    OpenOrCreate,

    /// <summary>Opens the store; <see cref="StoreError.NotFound"/> where there is no file.</summary>
    Open,

    /// <summary>Makes a new store; <see cref="StoreError.AlreadyExists"/> where there is a file.</summary>
    Create,
}
