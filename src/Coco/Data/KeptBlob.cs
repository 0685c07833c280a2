using Coco.Data.Core;

namespace Coco.Data;

/// <summary>A blob of the user's that keepers hold sealed.</summary>
/// <param name="Blob">The blob.</param>
/// <param name="Sealed">What it is called there.</param>
/// <param name="Cipher">Seals and opens its chunks.</param>
internal sealed record KeptBlob(BlobId Blob, BlobId Sealed, SealedBlob Cipher);
