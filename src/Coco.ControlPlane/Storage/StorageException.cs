namespace Coco.ControlPlane.Storage;

/// <summary>The database cannot do what was asked.</summary>
internal sealed class StorageException(string message, bool isFull, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether its disk is full: nothing was changed, and it works again once there is room.</summary>
    public bool IsFull { get; } = isFull;
}
