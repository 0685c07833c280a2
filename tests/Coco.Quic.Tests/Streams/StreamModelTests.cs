namespace Coco.Quic.Tests.Streams;

public sealed class StreamModelTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(2_000)]
    [InlineData(3_000)]
    public void Random_use_over_a_lossy_network_delivers_every_byte_once_and_in_order(int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + 250; seed++)
        {
            try
            {
                new StreamModel(seed).Run();
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
            }
        }
    }
}
