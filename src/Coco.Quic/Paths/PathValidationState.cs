namespace Coco.Quic.Paths;

internal enum PathValidationState : byte
{
    /// <summary>Nothing is known of the path and nothing was asked.</summary>
    Unknown,
    Validating,
    Valid,
    Failed,
}
