namespace Coco.Crypto.Tests;

/// <summary>Hands out given bytes, so that a test can choose a key.</summary>
internal sealed class FixedRandomSource(byte[] bytes) : RandomSource
{
    public override void Fill(Span<byte> destination) => bytes.CopyTo(destination);
}
